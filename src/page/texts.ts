import type { MigrationView } from '../server/migration-view.ts';
import { trendWords } from '../watch/migration/wording.ts';

/** Returns the readiness that Atlas reports; empty where it is unknown or the migration has ended. */
export function readinessWord({ readyForCutover, settlement }: MigrationView): string {
  return readyForCutover === undefined || settlement !== undefined
    ? ''
    : readyForCutover
      ? 'ready for cutover'
      : 'not ready';
}

/** Returns the trend of the lag: `falling 83 s/min`. While it is stalled, a small fall is not shown. */
export function trendText({ lagTrendPerMinute: trend, stalledForSeconds }: MigrationView): string {
  if (stalledForSeconds !== undefined) return 'stalled';
  return trend === undefined ? '' : trendWords(trend);
}

/** Returns since when the present status of a migration has lasted; undefined where that is unknown. */
export function sinceOf(view: MigrationView): { readonly at: string; readonly word: string } | undefined {
  const { settlement, settledAt, observedAt, readySince, readySinceKnown, outage, reachable, firstSeen } =
    view;
  const { stalledForSeconds, status, statusSince } = view;
  if (settlement !== undefined) {
    const at = settledAt ?? observedAt;
    return at === undefined ? undefined : { at, word: 'ended' };
  }
  if (readySince !== undefined)
    return { at: readySince, word: readySinceKnown === false ? 'ready, or earlier' : 'ready' };
  if (reachable === false && outage !== undefined) return { at: outage.since, word: "can't be read" };
  if (stalledForSeconds !== undefined && observedAt !== undefined) {
    const began = Date.parse(observedAt) - stalledForSeconds * 1000;
    return { at: new Date(began).toISOString(), word: 'stalled' };
  }
  if (status !== undefined && statusSince !== undefined) return { at: statusSince, word: status };
  return firstSeen === undefined ? undefined : { at: firstSeen, word: 'first seen' };
}
