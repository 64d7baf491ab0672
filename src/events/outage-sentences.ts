import { formatSpan } from './format.ts';

/** The fields of an outage that name what it concerns. */
interface Outage {
  readonly scope: 'migration' | 'project' | 'account';
  readonly groupId?: string | undefined;
  readonly migration?: string | undefined;
  readonly migrations?: number | undefined;
}

/** Returns what can't be read, as the begin of a sentence. */
export function unreadable(outage: Outage): string {
  if (outage.scope === 'migration') return `${outage.migration} can't be read`;
  return `Atlas can't be read for ${outage.migrations} migrations of ${scopeName(outage)}`;
}

/** Returns a sentence: what can be read again after an outage that lasted for `span`, or why it counts as over. */
export function readAgain(
  outage: Outage,
  span: string,
  endedBy: 'disappeared' | 'reload' | 'settled' | undefined,
): string {
  if (endedBy === 'disappeared')
    return `The outage of ${outage.migration} ended after ${span}: it is no longer in Atlas.`;
  if (endedBy === 'reload')
    return `The outage of ${scopeName(outage)} ended after ${span}: the configuration has fewer than two of its migrations left.`;
  if (endedBy === 'settled')
    return `The outage of ${scopeName(outage)} ended after ${span}: fewer than two of its migrations are still going on.`;
  if (outage.scope === 'migration') return `${outage.migration} can be read again after ${span}.`;
  return `Atlas can be read again for ${scopeName(outage)} after ${span}; ${outage.migrations} migrations were affected.`;
}

function scopeName({ scope, groupId: project }: Outage): string {
  return scope === 'project' ? `project ${project}` : 'the account';
}

/** Says what to do at the first failure, which may be the only line; a reported outage has a line of its own. */
export function afterFailure({
  failures,
  remedy,
  reportedAfterSeconds,
}: {
  readonly failures: number;
  readonly remedy: string;
  readonly reportedAfterSeconds?: number | undefined;
}): string {
  if (reportedAfterSeconds === undefined) return '';
  const next =
    reportedAfterSeconds === 0
      ? ''
      : ` Another line follows if it still can't be read after ${formatSpan(reportedAfterSeconds)}.`;
  return failures === 1 ? ` ${remedy} It is tried again.${next}` : next;
}
