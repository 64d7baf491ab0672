import type { LagSample } from '../../state/store.ts';

/**
 * The lag samples of one migration that are of use, oldest first: the recent ones all, the older ones the more thinned
 * the older they are. Both are flat lists of `observedAt`, `lagTimeSeconds` and so on, because there are many: a list
 * of numbers takes a quarter of the memory of a list of objects.
 */
export interface LagSamples {
  readonly older: readonly number[];
  readonly recent: readonly number[];
  /** When the latest leap was observed, in ms since 1970. Samples from before it are gone. */
  readonly leapAt?: number;
}

/** The same samples by column, oldest first. */
export interface LagSeries {
  readonly times: readonly number[];
  readonly lags: readonly number[];
}

export const noSamples: LagSamples = { older: [], recent: [] };

/** How far back samples are of use. */
export const reachMs = 12 * 3_600_000;
/** All samples of this time are kept, */
const recentMs = 15 * 60_000;
/** or, where polls are rarer, so many of the latest. */
const leastRecent = 8;
/** Older ones are kept at a distance of at most their age divided by this: some 80 in the whole time. */
const agePerGap = 12;
/** Two numbers for each sample. */
const width = 2;

/** The lag of a sample can differ by this much from the true one, in seconds, and by this share. */
const leapSeconds = 60;
const leapShare = 0.03;
/** A lag that falls faster than this, in seconds a second, by more than this share of itself, */
const fastestFall = 30;
const fallShare = 0.2;
/** and by at least so many seconds. */
const leastFall = 600;

/**
 * Returns the samples with one more. A *leap* starts them again: a lag cannot grow by more than the time that passes,
 * so that a lag which does is counted in a different way, as after a restart of the replication, and its earlier
 * values say nothing of its later ones. A second sample has to confirm it: one that is alone is wild, and is left out.
 */
export function addSample(samples: LagSamples, { observedAt, lagTimeSeconds }: LagSample): LagSamples {
  const known = withoutFuture(samples, observedAt);
  const recent = [...known.recent, observedAt, lagTimeSeconds];
  const before = recent.length - 3 * width;
  if (before >= 0 && isLeap(recent, before + width, before + 2 * width)) {
    // The lag is back where it was: the sample between was wild.
    if (!isLeap(recent, before, before + 2 * width)) recent.splice(before + width, width);
  } else if (
    before >= 0 &&
    isLeap(recent, before, before + width) &&
    isLeap(recent, before, before + 2 * width)
  )
    return { older: [], recent: recent.slice(before + width), leapAt: recent[before + width] ?? observedAt };
  return withAged({ ...known, recent }, observedAt);
}

/** Returns the samples of a list, oldest first. */
export function collectSamples(list: Iterable<LagSample>): LagSamples {
  let samples = noSamples;
  for (const sample of list) samples = addSample(samples, sample);
  return samples;
}

/** Of a history that is read, so many times fewer older samples are enough. */
const readPerGap = agePerGap / 3;

/**
 * Returns the moments before `from`, in ms since 1970 and oldest first, whose next samples are worth reading where there
 * are too many to read all.
 */
export function usefulMoments(now: number, from: number): readonly number[] {
  const moments = [];
  for (let age = reachMs; age > now - from; age *= 1 - 1 / readPerGap) moments.push(now - age);
  return moments;
}

/** Returns the samples one by one, oldest first. */
export function listSamples(samples: LagSamples): readonly LagSample[] {
  const { times, lags } = seriesOf(samples);
  return times.map((observedAt, index) => ({ observedAt, lagTimeSeconds: lags[index] ?? 0 }));
}

/** Returns the samples by column. */
export function seriesOf({ older, recent }: LagSamples): LagSeries {
  const times: number[] = [];
  const lags: number[] = [];
  for (const part of [older, recent])
    for (let index = 0; index < part.length; index += width) {
      times.push(part[index] ?? 0);
      lags.push(part[index + 1] ?? 0);
    }
  return { times, lags };
}

/** A clock set back leaves samples of the future behind: they are no use. */
function withoutFuture(samples: LagSamples, now: number): LagSamples {
  if ((samples.recent.at(-width) ?? now - 1) < now) return samples;
  const isPast = ({ observedAt }: LagSample): boolean => observedAt < now;
  const past = listSamples(samples).filter(isPast);
  return {
    ...samples,
    older: [],
    recent: past.flatMap(({ observedAt, lagTimeSeconds }) => [observedAt, lagTimeSeconds]),
  };
}

/** Moves samples that are no longer recent to the older ones. */
function withAged(samples: LagSamples, now: number): LagSamples {
  const { recent } = samples;
  let leaving = 0;
  while (recent.length - leaving > leastRecent * width && (recent[leaving] ?? now) <= now - recentMs)
    leaving += width;
  const oldest = samples.older[0] ?? recent[0] ?? now;
  if (leaving === 0 && oldest > now - reachMs) return samples;
  const older = thin([...samples.older, ...recent.slice(0, leaving)], now);
  const first = recent.findIndex(
    (time, index) => index >= leaving && index % width === 0 && time > now - reachMs,
  );
  return { ...samples, older, recent: recent.slice(first) };
}

/** Returns the older samples without those that are too old, and without those whose neighbors are close enough. */
function thin(older: readonly number[], now: number): readonly number[] {
  const kept: number[] = [];
  let before = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < older.length; index += width) {
    const time = older[index] ?? 0;
    if (time <= now - reachMs) continue;
    const after = older[index + width] ?? Number.POSITIVE_INFINITY;
    if (after - before <= (now - time) / agePerGap) continue;
    kept.push(time, older[index + 1] ?? 0);
    before = time;
  }
  return kept;
}

/** Returns whether the lag of one sample cannot have become that of another. */
function isLeap(flat: readonly number[], from: number, to: number): boolean {
  const seconds = ((flat[to] ?? 0) - (flat[from] ?? 0)) / 1000;
  const lag = flat[from + 1] ?? 0;
  const growth = (flat[to + 1] ?? 0) - lag;
  if (growth > 0) return growth > seconds + Math.max(leapSeconds, lag * leapShare);
  return -growth > Math.max(seconds * fastestFall, lag * fallShare, leastFall);
}
