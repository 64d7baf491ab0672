import type { MigrationState } from '../../state/migration-state.ts';
import { estimateOf } from '../../watch/migration/lag-stall.ts';
import type { LagTrend } from '../../watch/migration/lag-trend.ts';
import { estimateWords } from '../../watch/migration/wording.ts';

/**
 * Returns the estimated time until a migration is ready, as `about 12 min, 8 to 20`; undefined if its lag does not
 * allow an estimate. `now` in ms since 1970.
 */
export function describeEstimate(
  state: MigrationState,
  trend: LagTrend | undefined,
  now: number,
): string | undefined {
  const estimate = estimateOf(state, trend);
  if (estimate === undefined) return undefined;
  const ageSeconds = (now - (state.observation?.observedAt ?? now)) / 1000;
  const { middle, range } = estimateWords(estimate, ageSeconds);
  return range === undefined ? middle : `${middle}, ${range}`;
}
