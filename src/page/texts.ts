import type { MigrationView } from '../server/migration-view.ts';
import { trendWords } from '../watch/migration/wording.ts';

/** Returns what Atlas says of the readiness; of one that has ended nobody asks any more. */
export function readinessWord({ readyForCutover, settlement }: MigrationView): string {
  return readyForCutover === undefined || settlement !== undefined
    ? ''
    : readyForCutover
      ? 'ready for cutover'
      : 'not ready';
}

/** Returns the pace of the lag: `falling 83 s/min`. A stall outlasts one: that it falls a little does not end it. */
export function trendText({ lagTrendPerMinute: trend, stalledForSeconds }: MigrationView): string {
  if (stalledForSeconds !== undefined) return 'stalled';
  return trend === undefined ? '' : trendWords(trend);
}

/** Returns since when a migration has been where it stands, as far as is known. */
export function sinceOf(view: MigrationView): { readonly at: string; readonly word: string } | undefined {
  const { settlement, observedAt, readySince, readySinceKnown, outage, reachable, firstSeen } = view;
  const { stalledForSeconds, status, statusSince } = view;
  if (settlement !== undefined)
    return observedAt === undefined ? undefined : { at: observedAt, word: 'ended' };
  if (readySince !== undefined)
    return { at: readySince, word: readySinceKnown === false ? 'ready, or earlier' : 'ready' };
  if (reachable === false && outage !== undefined) return { at: outage.since, word: 'unreachable' };
  if (stalledForSeconds !== undefined && observedAt !== undefined) {
    const began = Date.parse(observedAt) - stalledForSeconds * 1000;
    return { at: new Date(began).toISOString(), word: 'no progress' };
  }
  if (status !== undefined && statusSince !== undefined) return { at: statusSince, word: status };
  return firstSeen === undefined ? undefined : { at: firstSeen, word: 'first seen' };
}
