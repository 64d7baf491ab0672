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

/** Once the lag is small, Atlas may say ready at once or as late as this: assumed, as nothing written tells. */
const settlingSeconds = 120;
/** The time over which a pace stays what it is, more or less: the smallest round one that makes the range honest. */
const steadySeconds = 45 * 60;

/** A lag that is small already wavers by a few seconds, which looks like a trend of up to this much a minute. */
const waverPerMinute = 0.5;

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
  const slopes = sortedSlopes(thin(samples));
  if (slopes.length === 0) return undefined;
  return {
    perMinute: quantile(slopes, 0.5),
    fastest: quantile(slopes, 0.1),
    slowest: quantile(slopes, 0.9),
  };
}

/**
 * Returns when a migration will be ready, or undefined while its lag does not fall: one that is small already and only
 * wavers has no more to do, and nobody knows what Atlas waits for. The middle assumes that the pace
 * of the last quarter of an hour holds until the lag is `readyLagSeconds`, and that Atlas then takes half of
 * what it may take to say so. It also assumes that the initial copy is over: only then does Atlas report a lag.
 *
 * The range runs from the fastest to the slowest of four in five of the slopes, and is widened by what a quarter of
 * an hour cannot show: bursts of writes and halts that are still to come. How far a pace wanders grows with the
 * square root of the time it has for it, so both ends are moved by the factor sqrt(1 + time to go / `steadySeconds`):
 * 1.1 at ten minutes, 1.5 at one hour, 3 at six. `npm run bench:lag` measures how often it holds the truth.
 */
export function estimateReady(
  lagTimeSeconds: number,
  trend: LagTrend,
  readyLagSeconds: number,
): ReadyEstimate | undefined {
  const excess = Math.max(0, lagTimeSeconds - readyLagSeconds);
  if (excess === 0 && trend.perMinute > -waverPerMinute) return undefined;
  const middle = secondsAt(excess, trend.perMinute);
  const earliest = secondsAt(excess, trend.fastest);
  const latest = secondsAt(excess, trend.slowest);
  if (middle === undefined || earliest === undefined) return undefined;
  const doubt = Math.sqrt(1 + middle / steadySeconds);
  return {
    seconds: Math.round(middle + settlingSeconds / 2),
    earliest: Math.round(earliest / doubt),
    ...(latest !== undefined && { latest: Math.round(latest * doubt + settlingSeconds) }),
  };
}

function secondsAt(excess: number, perMinute: number): number | undefined {
  if (excess === 0) return 0;
  return perMinute < 0 ? (excess / -perMinute) * 60 : undefined;
}

/** Returns the finite slopes between all pairs, in one block of numbers: nothing else of a poll computes as much. */
function sortedSlopes(samples: readonly LagSample[]): Float64Array {
  const slopes = new Float64Array((samples.length * (samples.length - 1)) / 2);
  let count = 0;
  for (const [index, from] of samples.entries())
    for (const to of samples.slice(index + 1)) {
      const slope = slopePerMinute(from, to);
      if (!Number.isFinite(slope)) continue;
      slopes[count] = slope;
      count += 1;
    }
  return slopes.subarray(0, count).toSorted();
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
function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
}
