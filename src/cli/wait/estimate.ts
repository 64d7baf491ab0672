import type { MigrationState } from '../../state/migration-state.ts';
import { estimateWords } from '../../watch/estimate-words.ts';
import { estimateOf } from '../../watch/lag-events.ts';
import type { LagTrend } from '../../watch/lag-trend.ts';

/**
 * Returns how long it may be until a migration is ready, from now, as `about 12 min, 8 to 20`; undefined where
 * its lag tells nothing. `now` in ms since 1970.
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

/** Returns which way the lag goes: `falling 45 s/min`. */
export function describeTrend({ perMinute }: LagTrend): string {
  const pace = Math.abs(perMinute);
  const rounded = pace < 9.95 ? Math.round(pace * 10) / 10 : Math.round(pace);
  if (rounded === 0) return 'steady';
  return `${perMinute < 0 ? 'falling' : 'rising'} ${rounded} s/min`;
}
