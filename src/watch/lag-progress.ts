import type { LagProgress, MigrationState } from '../state/migration-state.ts';
import type { LagTrend } from './lag-trend.ts';

/** A lag this small is as good as caught up: it need not shrink any more, and hardly can. */
const quietLagSeconds = 60;
/** The lag wavers by seconds, and by more the larger it is, without that meaning anything. */
const noiseSeconds = 5;
const noiseShare = 0.02;
/** How much further than mere noise it must come down to end a stall. */
const recoveryFactor = 3;
/**
 * Part of `stallAfterMs` that the time between two observations counts for at most: a clock that is set forward, or a
 * machine asleep, shows no stall.
 */
const gapShare = 0.25;

/**
 * Returns what to remember of a lag's progress after one more observation. Progress is a lag lower, beyond noise, than
 * any since the last progress. None for `stallAfterMs` of watching is a stall, unless the lag comes down: it has left
 * its height since then well behind, and the trend is falling. That ends a stall too, as progress does.
 * `lagSeconds` is what the latest samples show together, and `trend` that of more of them, if there is one.
 */
export function lagProgress(
  previous: LagProgress | undefined,
  lagSeconds: number,
  trend: LagTrend | undefined,
  now: number,
  stallAfterMs: number,
): LagProgress {
  const fresh: LagProgress = {
    lowest: lagSeconds,
    highest: lagSeconds,
    observedAt: now,
    idleMs: 0,
    stalled: false,
  };
  if (previous === undefined || lagSeconds <= quietLagSeconds) return fresh;
  if (lagSeconds < previous.lowest - noiseAt(previous.lowest)) return fresh;
  const highest = Math.max(previous.highest, lagSeconds);
  const hasLeft = lagSeconds < highest - recoveryFactor * noiseAt(highest);
  const comesDown = hasLeft && trend !== undefined && trend.perMinute < 0;
  const gapMs = Math.max(0, Math.min(now - previous.observedAt, stallAfterMs * gapShare));
  const idleMs = previous.idleMs + gapMs;
  const stalled = previous.stalled || idleMs >= stallAfterMs;
  if (stalled && comesDown) return fresh;
  return { ...previous, highest, observedAt: now, idleMs, stalled };
}

/** Returns for how long a stalled lag has made no progress, in seconds; undefined where it is not stalled. */
export function stalledSeconds(state: MigrationState | undefined): number | undefined {
  const { lagProgress: progress, settlement } = state ?? {};
  if (progress?.stalled !== true || settlement !== undefined) return undefined;
  return Math.round(progress.idleMs / 1000);
}

function noiseAt(lagTimeSeconds: number): number {
  return Math.max(noiseSeconds, lagTimeSeconds * noiseShare);
}
