import { type LagSamples, type LagSeries, seriesOf } from './lag-samples.ts';
import { fewestSamples, levelSamples, median } from './lag-trend.ts';

/** When a migration may become ready, in seconds from its latest sample. */
export interface ReadyEstimate {
  readonly seconds: number;
  /** Between these two it becomes ready in nine of ten cases. */
  readonly earliest: number;
  readonly latest: number;
}

/**
 * Atlas withdraws readiness beyond about half a minute of lag, so it can hardly grant it before
 * ("mongosync", MongoDB documentation).
 */
const readyLagSeconds = 30;
/** Once the lag is small, Atlas reports readiness after about this time. This is an assumption: it is not documented. */
const settlingSeconds = 60;
/** The noise of a lag looks like a pace of up to this much a minute. */
const waverPerMinute = 0.5;
/** An estimate beyond this is worthless. */
const farthestSeconds = 7 * 24 * 3600;

/** The pace is measured over half of the time to go, within these limits, in ms. */
const shortestWindowMs = 5 * 60_000;
const longestWindowMs = 6 * 3_600_000;
/** Pace and time to go depend on each other: they are searched from here, in seconds, in so many steps. */
const firstGuessSeconds = 30 * 60;
const mostGuesses = 8;
const longestGuessSeconds = 12 * 3600;
const closeEnough = 1.03;

/** A lag this small that has not fallen for this time is no promise: nobody knows what Atlas waits for. */
const smallLagSeconds = 90;
const smallWindowMs = 15 * 60_000;

/**
 * Returns when a migration will be ready, or undefined while its lag does not fall by more than it wavers, or would
 * take more than a week.
 *
 * The farther off it is, the longer the time whose pace counts: what comes in the next four hours is foretold by the
 * last two, and not by the last minutes. It is the mean pace, from one end to the other, so that bursts of writes and
 * halts count as they will again. A median of slopes does not see them.
 *
 * The range follows from how much the pace varied (the *unrest*). Its factors are chosen so that it holds in nine of ten
 * cases: `npm run bench:lag` measures it.
 */
export function estimateReady(samples: LagSamples): ReadyEstimate | undefined {
  const series = seriesOf(samples);
  if (series.times.length < fewestSamples) return undefined;
  const steady = timeToGo(series);
  if (steady === undefined) return undefined;
  const rate = decayRate(series);
  const seconds = Math.max(steady, rate === undefined ? 0 : decayTime(series, rate)) + settlingSeconds;
  if (seconds > farthestSeconds) return undefined;
  const unrest = unrestOf(series, seconds, rate !== undefined);
  return {
    seconds: Math.round(seconds * Math.exp(-0.45 * Math.max(0, unrest - 0.6))),
    earliest: Math.round(seconds * Math.exp(-0.5 - 1.1 * unrest)),
    latest: Math.round(seconds * Math.exp(Math.min(1.1, 0.3 + 1.5 * unrest)) + settlingSeconds),
  };
}

/**
 * Returns in how many seconds a migration will be ready at the pace of the latest minutes, which is all that counts
 * where it is near; undefined where its lag does not fall. It is quick: every poll asks for it.
 */
export function readySoon({ recent }: LagSamples): number | undefined {
  const series = seriesOf({ older: [], recent });
  if (series.times.length < fewestSamples) return undefined;
  const pace = paceOver(series, shortestWindowMs);
  return pace <= waverPerMinute / 60 ? undefined : secondsAt(series, pace) + settlingSeconds;
}

/** Returns in how many seconds a lag that decays at this rate, a second, is small. */
function decayTime({ lags }: LagSeries, rate: number): number {
  return Math.max(0, Math.log(median(lags.slice(-levelSamples)) / readyLagSeconds)) / rate;
}

/** Returns in how many seconds the lag is small at the pace of a time that fits them; undefined where it does not fall. */
function timeToGo(series: LagSeries): number | undefined {
  if (isSmall(series) && paceOver(series, smallWindowMs) <= waverPerMinute / 60) return undefined;
  let guess = firstGuessSeconds;
  for (let step = 0; step < mostGuesses; step += 1) {
    const windowMs = Math.min(longestWindowMs, Math.max(shortestWindowMs, guess * 500));
    const pace = paceOver(series, windowMs);
    if (pace <= waverPerMinute / 60) {
      guess *= 2;
      if (guess > longestGuessSeconds) return undefined;
      continue;
    }
    const there = secondsAt(series, pace);
    const next = Math.sqrt(guess * there);
    const isFound = there === 0 || Math.max(next / guess, guess / next) < closeEnough;
    guess = next;
    if (isFound) return guess;
  }
  return guess;
}

function isSmall({ lags }: LagSeries): boolean {
  return median(lags.slice(-levelSamples)) <= smallLagSeconds;
}

/** Returns in how many seconds the lag is small at this pace. */
function secondsAt(series: LagSeries, pace: number): number {
  return Math.max(0, levelOf(series, pace) - readyLagSeconds) / pace;
}

/** Returns the mean fall over the latest `windowMs`, in seconds a second. */
function paceOver(series: LagSeries, windowMs: number): number {
  const last = series.times.at(-1) ?? 0;
  return paceBetween(lagAround(series, last - windowMs), lagAround(series, last));
}

interface Point {
  readonly time: number;
  readonly lag: number;
}

function paceBetween(from: Point, to: Point): number {
  return to.time > from.time ? ((from.lag - to.lag) * 1000) / (to.time - from.time) : 0;
}

/** Returns the middle one of the three lags around this time. */
function lagAround({ times, lags }: LagSeries, time: number): Point {
  const center = Math.max(1, Math.min(times.length - 2, lastBefore(times, time)));
  return { time: times[center] ?? 0, lag: median(lags.slice(center - 1, center + 2)) };
}

/** Returns the lag at this time, from the points before and after it. */
function lagAt(series: LagSeries, time: number): Point {
  const before = lagAround(series, time);
  const next = series.times[series.times.indexOf(before.time) + 1] ?? time;
  const after = lagAround(series, next);
  if (after.time <= before.time) return { ...before, time };
  return { time, lag: before.lag - (paceBetween(before, after) * (time - before.time)) / 1000 };
}

/** Returns the index of the last of these times that is not after `time`; -1 where all are. */
function lastBefore(times: readonly number[], time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Returns the middle of what the latest three samples say of the lag at the time of the latest, at this pace. */
function levelOf({ times, lags }: LagSeries, pace: number): number {
  const last = times.at(-1) ?? 0;
  const latest = times.slice(-levelSamples).map((time, index) => {
    const lag = lags.at(index - levelSamples) ?? 0;
    return lag - (pace * (last - time)) / 1000;
  });
  return median(latest);
}

/** A lag decays if an exponential curve fits so much better than a line since it was so many times as large as now. */
const decayFactor = 10;
const decayedFrom = 3;
const fewestDecaying = 6;

/** Returns the rate at which a lag decays, a second; undefined where it does not. */
function decayRate(series: LagSeries): number | undefined {
  const level = Math.max(1, median(series.lags.slice(-levelSamples)));
  const from = series.lags.findLastIndex((lag) => lag >= decayedFrom * level);
  if (from < 0 || series.lags.length - from < fewestDecaying) return undefined;
  const last = series.times.at(-1) ?? 0;
  const points = series.times
    .slice(from)
    .map((time, index) => ({ x: (time - last) / 1000, y: Math.max(1, series.lags[from + index] ?? 0) }));
  const line = lineOf(points);
  const curve = lineOf(points.map(({ x, y }) => ({ x, y: Math.log(y) })));
  const errorOf = (at: (x: number) => number): number =>
    points.reduce((sum, { x, y }) => sum + (y - at(x)) ** 2, 0);
  const lineError = errorOf((x) => line.level + line.slope * x);
  const curveError = errorOf((x) => Math.exp(curve.level + curve.slope * x));
  return curve.slope < 0 && curveError * decayFactor < lineError ? -curve.slope : undefined;
}

/** Returns the line of least squares. */
function lineOf(points: readonly { readonly x: number; readonly y: number }[]) {
  const x = meanOf(points.map((point) => point.x));
  const y = meanOf(points.map((point) => point.y));
  const together = meanOf(points.map((point) => (point.x - x) * (point.y - y)));
  const slope = together / meanOf(points.map((point) => (point.x - x) ** 2));
  return { slope, level: y - slope * x };
}

/** Both parts of the unrest, and how much a part counts: how long it is, in times to go, and in how many pieces. */
const nearUnrest = { span: 2, pieces: 6, weight: 1 } as const;
const farUnrest = { span: 8, pieces: 24, weight: 0.4 } as const;
const mostUnrest = 3;

/** Returns how much the pace varies, as a multiple of itself: lately, and to a part over a longer time. */
function unrestOf(series: LagSeries, seconds: number, decays: boolean): number {
  // The pace of a decay changes, but the one of its logarithm does not.
  const near = decays ? { ...series, lags: series.lags.map((lag) => Math.log(Math.max(1, lag))) } : series;
  const varied = Math.hypot(variation(near, seconds, nearUnrest), variation(series, seconds, farUnrest));
  // What happens between two samples is not seen, which matters where they are as rare as what is to come is short.
  const { times } = series;
  return varied + ((times.at(-1) ?? 0) - (times.at(-2) ?? 0)) / 1000 / seconds;
}

/** Returns the standard deviation of the paces of some pieces of time, as a multiple of their mean. */
function variation(
  series: LagSeries,
  seconds: number,
  { span, pieces, weight }: typeof nearUnrest | typeof farUnrest,
): number {
  // The first and the last sample have a neighbor on one side only, and no point of their own.
  const last = series.times.at(-2) ?? 0;
  const spanMs = Math.min(
    last - (series.times[1] ?? last),
    Math.max(shortestWindowMs, seconds * 1000 * span),
  );
  const points = Array.from({ length: pieces + 1 }, (_, piece) =>
    lagAt(series, last - spanMs + (spanMs * piece) / pieces),
  );
  const paces = points.slice(1).map((point, index) => paceBetween(points[index] ?? point, point));
  const mean = meanOf(paces);
  const deviation = Math.sqrt(meanOf(paces.map((pace) => (pace - mean) ** 2)));
  return (mean <= 0 ? mostUnrest : Math.min(mostUnrest, deviation / mean)) * weight;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
