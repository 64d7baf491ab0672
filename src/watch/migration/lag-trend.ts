import type { LagSample } from '../../state/store.ts';

/** Which way the lag goes, in seconds of lag per minute of time: negative while the copy is catching up. */
export interface LagTrend {
  readonly perMinute: number;
  /** Four in five of the pairwise slopes lie between these two. */
  readonly fastest: number;
  readonly slowest: number;
  /** The lag at the latest sample as all samples show it, in seconds: a single outlier does not change it. */
  readonly level: number;
}

/** When a migration may become ready, in seconds from its latest sample. */
export interface ReadyEstimate {
  readonly seconds: number;
  readonly earliest: number;
  /** Absent when the slowest plausible pace never gets there. */
  readonly latest?: number;
}

/** Once the lag is small, Atlas reports readiness within this time. This is an assumption: Atlas does not document it. */
const settlingSeconds = 120;
/** The time for which a pace stays about the same: the smallest round value with which the range holds as often as promised. */
const steadySeconds = 45 * 60;

/** The noise of a lag looks like a trend of up to this much a minute. */
const waverPerMinute = 0.5;
/** An estimate beyond the first limit is worthless, and the end of a range beyond the second. */
const farthestSeconds = 3 * 24 * 3600;
const farthestLatestSeconds = 10 * farthestSeconds;

/** How far back the trend looks: long enough to see past noise, short enough to notice an evening's writes. */
export const trendWindowMs = 15 * 60_000;
/** Where polls are so rare that this many do not fit into the window, it looks back as far as they are, */
export const leastRecentSamples = 8;
/** but not further than this. */
export const trendReachMs = 6 * 3_600_000;
/** Pairs grow with the square of the samples; this many are plenty for a median. */
const maxSamples = 31;
const minSamples = 4;
/** The level follows from so many of the latest: more would be slower to see that the pace changes. */
const levelSamples = 3;

/** Returns those of the samples, oldest first, that are still of use for the trend after the latest one. */
export function recentSamples(samples: readonly LagSample[]): readonly LagSample[] {
  const last = samples.at(-1)?.observedAt ?? 0;
  // A clock set back leaves samples of the future behind: they are no use either.
  const usable = samples.filter(({ observedAt }) => observedAt > last - trendReachMs && observedAt <= last);
  const late = usable.filter(({ observedAt }) => observedAt > last - trendWindowMs);
  return late.length >= leastRecentSamples ? late : usable.slice(-leastRecentSamples);
}

/**
 * Returns the trend of recent samples, oldest first, or undefined when there are too few. It is the median of the
 * slopes between all pairs (Theil 1950, Sen 1968): almost a third of the samples may be wild without turning it.
 */
export function lagTrend(samples: readonly LagSample[]): LagTrend | undefined {
  if (samples.length < minSamples) return undefined;
  const slopes = slopesBetween(thin(samples));
  if (slopes.length === 0) return undefined;
  const perMinute = quantile(slopes, 0.5);
  return {
    perMinute,
    fastest: quantile(slopes, 0.1),
    slowest: quantile(slopes, 0.9),
    level: levelOf(samples.slice(-levelSamples), perMinute),
  };
}

/**
 * Returns the lag at the latest of the samples, in seconds: the `level` of its trend, or of the latest three the middle
 * one while there is none; of two the higher one, since a single low sample is no news.
 */
export function lagNow(samples: readonly LagSample[], trend: LagTrend | undefined): number | undefined {
  return trend?.level ?? middleLag(samples);
}

/** Returns the middle of the latest three lags, in seconds; of two the higher one; undefined when there is none. */
export function middleLag(samples: readonly LagSample[]): number | undefined {
  const lags = samples.slice(-levelSamples).map(({ lagTimeSeconds }) => lagTimeSeconds);
  return lags.toSorted((one, other) => one - other)[Math.floor(lags.length / 2)];
}

/** The median of what each sample says of the lag at the time of the latest, at this pace. */
function levelOf(samples: readonly LagSample[], perMinute: number): number {
  const last = samples.at(-1)?.observedAt ?? 0;
  const levels = samples.map(
    ({ lagTimeSeconds, observedAt }) => lagTimeSeconds + (perMinute * (last - observedAt)) / 60_000,
  );
  return Math.max(0, quantile(Float64Array.from(levels).toSorted(), 0.5));
}

/**
 * Returns when a migration will be ready. Undefined while its lag does not fall by more than it wavers (nobody knows
 * what Atlas waits for where it is small already), or would take more than three days. The middle assumes that the
 * pace of the recent samples holds from their `level` on until the lag is `readyLagSeconds`, and that Atlas then reports
 * it after half of the longest delay. It also assumes that the initial copy is over: only then does Atlas report a lag.
 *
 * The range runs from the fastest to the slowest of four in five of the slopes, and is widened by what so short a time
 * cannot show: bursts of writes and halts that are still to come. How far a pace wanders grows with the
 * square root of the time it has for it, so both ends are moved by the factor sqrt(1 + time to go / `steadySeconds`):
 * 1.1 at ten minutes, 1.5 at one hour, 3 at six. `npm run bench:lag` measures how often it holds the truth.
 */
export function estimateReady(trend: LagTrend, readyLagSeconds: number): ReadyEstimate | undefined {
  const excess = Math.max(0, trend.level - readyLagSeconds);
  if (trend.perMinute > -waverPerMinute) return undefined;
  const middle = secondsAt(excess, trend.perMinute);
  const earliest = secondsAt(excess, trend.fastest);
  const latest = secondsAt(excess, trend.slowest);
  if (middle === undefined || earliest === undefined || middle > farthestSeconds) return undefined;
  const doubt = Math.sqrt(1 + middle / steadySeconds);
  const end = latest === undefined ? undefined : latest * doubt + settlingSeconds;
  return {
    seconds: Math.round(middle + settlingSeconds / 2),
    earliest: Math.round(earliest / doubt),
    ...(end !== undefined && end <= farthestLatestSeconds && { latest: Math.round(end) }),
  };
}

function secondsAt(excess: number, perMinute: number): number | undefined {
  if (excess === 0) return 0;
  return perMinute < 0 ? (excess / -perMinute) * 60 : undefined;
}

/** Returns the finite slopes between all pairs, sorted. They are many at every poll: a typed array is the fastest. */
function slopesBetween(samples: readonly LagSample[]): Float64Array {
  const slopes = new Float64Array((samples.length * (samples.length - 1)) / 2);
  let count = 0;
  for (const to of samples)
    for (const from of samples) {
      if (from === to) break;
      const slope = slopePerMinute(from, to);
      if (Number.isFinite(slope)) slopes[count++] = slope;
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
function quantile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
}
