import { formatSpan, spanUnits } from '../../events/span.ts';
import type { MigrationState } from '../../state/migration-state.ts';
import { estimateOf } from '../../watch/lag-events.ts';
import type { LagTrend } from '../../watch/lag-trend.ts';

/** A number in its unit must have some resolution: 90 min rather than 2 h. */
const leastCount = 2;

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
  const ageSeconds = Math.max(0, now - (state.observation?.observedAt ?? now)) / 1000;
  const left = (seconds: number): number => Math.round(Math.max(0, seconds - ageSeconds));
  const middle = left(estimate.seconds);
  const latest = estimate.latest === undefined ? undefined : left(estimate.latest);
  if (middle === 0) {
    if (latest === undefined) return 'a moment, or longer';
    return latest === 0 ? 'a moment' : `a moment, or up to ${formatSpan(latest)}`;
  }
  const [unit, size] = spanUnits.find(([, seconds]) => middle >= seconds * leastCount) ?? ['s', 1];
  const count = (seconds: number): number => Math.round(seconds / size);
  const about = `about ${count(middle)} ${unit}`;
  const earliest = count(left(estimate.earliest));
  if (latest === undefined) return `${about}, ${earliest} or more`;
  return earliest === count(latest) ? about : `${about}, ${earliest} to ${count(latest)}`;
}

/** Returns which way the lag goes: `falling 45 s/min`. */
export function describeTrend({ perMinute }: LagTrend): string {
  const pace = Math.abs(perMinute);
  const rounded = pace < 9.95 ? Math.round(pace * 10) / 10 : Math.round(pace);
  if (rounded === 0) return 'steady';
  return `${perMinute < 0 ? 'falling' : 'rising'} ${rounded} s/min`;
}
