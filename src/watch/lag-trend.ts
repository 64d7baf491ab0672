import type { LagSample } from '../state/store.ts';

/** Which way the lag goes, in seconds of lag per minute of time: negative while the copy is catching up. */
export interface LagTrend {
  readonly perMinute: number;
  /** Four in five of the pairwise slopes lie between these two. */
  readonly fastest: number;
  readonly slowest: number;
}

/** When a migration may become ready, in seconds from its latest sample. */
export interface ReadyEstimate {
  readonly seconds: number;
  readonly earliest: number;
  /** Absent when the slowest plausible pace never gets there. */
  readonly latest?: number;
}

/** How far back the trend looks: long enough to see past noise, short enough to notice an evening's writes. */
export const trendWindowMs = 15 * 60_000;
/** Pairs grow with the square of the samples; this many are plenty for a median. */
const maxSamples = 31;
const minSamples = 4;

/** Returns those of the samples, oldest first, that are still of use for the trend after the latest one. */
export function recentSamples(samples: readonly LagSample[]): readonly LagSample[] {
  const last = samples.at(-1)?.observedAt ?? 0;
  // A clock set back leaves samples of the future behind: they are no use either.
  return samples.filter(({ observedAt }) => observedAt > last - trendWindowMs && observedAt <= last);
}

/**
 * Returns the trend of samples of the last quarter of an hour, oldest first, or undefined when there are too few. It
 * is the median of the slopes between all pairs (Theil 1950, Sen 1968): almost a third of the samples may be wild
 * without turning it.
 */
export function lagTrend(samples: readonly LagSample[]): LagTrend | undefined {
  if (samples.length < minSamples) return undefined;
  const recent = thin(samples);
  const slopes = recent
    .flatMap((from, index) => recent.slice(index + 1).map((to) => slopePerMinute(from, to)))
    .filter(Number.isFinite)
    .toSorted((one, other) => one - other);
  if (slopes.length === 0) return undefined;
  return {
    perMinute: quantile(slopes, 0.5),
    fastest: quantile(slopes, 0.1),
    slowest: quantile(slopes, 0.9),
  };
}

/**
 * Returns when the lag will be as small as Atlas wants it before it declares a migration ready, or undefined
 * while it does not fall.
 *
 * This assumes that the pace of the last quarter of an hour holds, that the initial copy is over (only then does
 * Atlas report a lag), and that readiness comes with a lag of `readyLagSeconds`; bursts of writes make it wrong
 * in both directions, which the range, from four in five of the slopes, is to show in part.
 */
export function estimateReady(
  lagTimeSeconds: number,
  trend: LagTrend,
  readyLagSeconds: number,
): ReadyEstimate | undefined {
  const excess = Math.max(0, lagTimeSeconds - readyLagSeconds);
  const seconds = secondsAt(excess, trend.perMinute);
  const earliest = secondsAt(excess, trend.fastest);
  const latest = secondsAt(excess, trend.slowest);
  if (seconds === undefined || earliest === undefined) return undefined;
  return { seconds, earliest, ...(latest !== undefined && { latest }) };
}

function secondsAt(excess: number, perMinute: number): number | undefined {
  if (excess === 0) return 0;
  return perMinute < 0 ? Math.round((excess / -perMinute) * 60) : undefined;
}

function slopePerMinute(from: LagSample, to: LagSample): number {
  return ((to.lagTimeSeconds - from.lagTimeSeconds) * 60_000) / (to.observedAt - from.observedAt);
}

function thin(samples: readonly LagSample[]): readonly LagSample[] {
  const step = (samples.length - 1) / (maxSamples - 1);
  if (step <= 1) return samples;
  return Array.from({ length: maxSamples }, (_, index) => samples[Math.round(index * step)]).filter(
    (sample) => sample !== undefined,
  );
}

/** Of sorted numbers; the nearest rank. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
}
