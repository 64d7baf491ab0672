import type { LagSample } from '../../state/store.ts';
import { type LagSamples, type LagSeries, listSamples, seriesOf } from './lag-samples.ts';

/** Which way the lag goes, as the samples of some time show it together. */
export interface LagTrend {
  /** Seconds of lag per minute of time: negative while the copy is catching up. */
  readonly perMinute: number;
  /** It falls, and by more than its noise can feign. */
  readonly falls: boolean;
}

/** How far back the trend looks that is shown: long enough to see past noise, short enough to notice an evening's writes. */
export const trendWindowMs = 15 * 60_000;
/** Where polls are so rare that this many do not fit into the window, it looks back as far as they are. */
export const leastSamples = 8;
export const fewestSamples = 4;
/** The middle of so many of the latest is the level: more would be slower to see that the pace changes. */
export const levelSamples = 3;
/** A fall counts from this many standard errors on, */
const significance = 6;
/** and from so many seconds on, as few samples may show too little noise. */
const leastFallSeconds = 15;
/** The lag of a sample wavers by up to so many seconds: a source that is idle writes a no-op entry every ten. */
export const leastNoiseSeconds = 10;
/** The standard error of a median is this multiple of that of a mean, for normal noise. */
const medianError = 1.25;

/**
 * Returns the trend of the samples of the latest `windowMs`, or undefined when there are too few. It is the slope from
 * the median of the first third of them to that of the last (the resistant line of Tukey 1971): a sixth of the samples
 * may be wild without turning it, and it takes one pass. The latest `least` of them count even if they are older.
 */
export function lagTrend(
  samples: LagSamples,
  windowMs = trendWindowMs,
  least = leastSamples,
): LagTrend | undefined {
  const series = seriesOf(samples);
  const { times } = series;
  const first = firstOf(times, windowMs, least);
  const count = times.length - first;
  if (count < fewestSamples) return undefined;
  const third = Math.ceil(count / 3);
  const early = middleOf(series, first, first + third);
  const end = middleOf(series, times.length - third, times.length);
  const perMs = (end.lag - early.lag) / (end.time - early.time);
  const error = noiseOf(series, first) * medianError * Math.sqrt(2 / third);
  const fall = early.lag - end.lag;
  return {
    perMinute: perMs * 60_000,
    falls: fall > Math.max(leastFallSeconds, significance * error),
  };
}

/** Returns the samples that the trend is computed from, oldest first. */
export function trendSamples(samples: LagSamples): readonly LagSample[] {
  const list = listSamples(samples);
  return list.slice(firstOf(seriesOf(samples).times, trendWindowMs, leastSamples));
}

/** Returns the index of the first of the times in the latest `windowMs`, or of the latest `least` of them. */
function firstOf(times: readonly number[], windowMs: number, least: number): number {
  const last = times.at(-1) ?? 0;
  const late = times.findIndex((time) => time > last - windowMs);
  return Math.max(0, Math.min(late, times.length - least));
}

/**
 * Returns the lag at the latest of the samples, in seconds: of the latest three the middle one; of two the higher one,
 * since a single low sample is no news; undefined when there is none.
 */
export function middleLag({ recent }: LagSamples): number | undefined {
  const lags: number[] = [];
  for (let index = recent.length - 1; index > 0 && lags.length < levelSamples; index -= 2)
    lags.push(recent[index] ?? 0);
  return lags.toSorted((one, other) => one - other)[Math.floor(lags.length / 2)];
}

/**
 * Returns the noise of the recent samples, as a standard deviation in seconds: how far each lies from the line between
 * its neighbors, so that neither a trend nor a few wild samples count.
 */
export function lagNoise({ recent }: LagSamples): number {
  return noiseOf(seriesOf({ older: [], recent }), 0);
}

/** The median distance of normal noise from the line between two neighbors, in standard deviations. */
const distancePerNoise = 0.6745 * Math.sqrt(1.5);

function noiseOf({ times, lags }: LagSeries, first: number): number {
  const distances: number[] = [];
  for (let index = first + 1; index < times.length - 1; index += 1) {
    const [before, at, after] = [times[index - 1] ?? 0, times[index] ?? 0, times[index + 1] ?? 0];
    const [from, to] = [lags[index - 1] ?? 0, lags[index + 1] ?? 0];
    distances.push(Math.abs((lags[index] ?? 0) - from - ((to - from) * (at - before)) / (after - before)));
  }
  return distances.length === 0 ? 0 : median(distances) / distancePerNoise;
}

/** Returns the median lag of some samples, and their median time. */
function middleOf({ times, lags }: LagSeries, from: number, to: number) {
  return { lag: median(lags.slice(from, to)), time: median(times.slice(from, to)) };
}

/** Returns the median; of an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  // Most are of three, at every poll.
  if (values.length === 3) {
    const [one = 0, other = 0, third = 0] = values;
    return Math.max(Math.min(one, other), Math.min(Math.max(one, other), third));
  }
  const sorted = new Float64Array(values).toSorted();
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}
