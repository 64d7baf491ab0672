import { type Random, randomOf } from './random.ts';

export const traceKinds = ['steady', 'bursty', 'evenings', 'stalls'] as const;
export type TraceKind = (typeof traceKinds)[number];

/** One migration from its creation until it is ready. Times are in seconds since its creation. */
export interface Trace {
  readonly kind: TraceKind;
  /** The initial copy is over; only from then on Atlas reports the lag. */
  readonly copiedAt: number;
  /** The moment that Atlas turns it ready; between two whole seconds. */
  readonly readyAt: number;
  /** The lag as a reply at this time shows it; undefined during the initial copy. */
  readonly lagAt: (second: number) => number | undefined;
}

/** How fast oplog is applied at a moment, and how densely it was written at another, both in usual seconds a second. */
interface Course {
  readonly applied: (second: number) => number;
  readonly written: (second: number) => number;
}

const hour = 3600;
const day = 24 * hour;
/** A trace that is not ready by then is thrown away. */
const longest = 5 * day;
const evening = { begins: 17.5 * hour, ends: 23 * hour } as const;

/**
 * Returns traces of one kind, always the same for a seed.
 *
 * The model: the copy replays the source's oplog, from the moment that it began. The lag is the age of the entry
 * being replayed, so it falls by the ratio of two paces less one: how fast entries are applied now, and how
 * densely they were written then. A lag of hours is what the initial copy leaves behind.
 */
export function tracesOf(kind: TraceKind, count: number, seed: number): readonly Trace[] {
  const traces: Trace[] = [];
  for (let number = 0; traces.length < count; number += 1) {
    const trace = traceOf(kind, randomOf(seed * 10_000 + traceKinds.indexOf(kind) * 1_000 + number));
    if (trace !== undefined) traces.push(trace);
  }
  return traces;
}

function traceOf(kind: TraceKind, random: Random): Trace | undefined {
  const copiedAt = Math.round(random.scaled(0.3 * hour, 16 * hour));
  const { applied, written } = courseOf(kind, random, copiedAt);
  const readyLag = random.between(10, 30);
  const holdSeconds = random.whole(20, 90);
  // What was written while the copy ran is what there is to replay after it.
  let lag = copiedAt;
  let held = 0;
  const shown: number[] = [];
  const show = shownLag(random);
  for (let second = copiedAt; second < longest; second += 1) {
    lag = Math.max(1, lag + 1 - applied(second) / written(second - lag));
    shown.push(show(lag, second));
    held = lag <= readyLag ? held + 1 : 0;
    if (held < holdSeconds) continue;
    return {
      kind,
      copiedAt,
      readyAt: second + random.next(),
      lagAt: (at) => shown[Math.floor(at) - copiedAt],
    };
  }
  return undefined;
}

/** Whole seconds, up to ten more for the source's no-op entries, and now and then a reading of its own kind. */
function shownLag(random: Random): (lag: number, second: number) => number {
  const noOpEvery = random.whole(3, 10);
  return (lag, second) => {
    const noise = (second % noOpEvery) * 0.6 + random.between(0, 2);
    if (random.chance(0.004)) return Math.round(random.chance(0.5) ? lag * random.between(1.5, 4) + 60 : 0);
    return Math.round(lag + noise);
  };
}

function courseOf(kind: TraceKind, random: Random, copiedAt: number): Course {
  const pace = random.scaled(1.15, 5);
  const wander = wave(random);
  const steadily = (second: number): number => pace * wander(second);
  switch (kind) {
    case 'steady':
      return { applied: steadily, written: evenly };
    case 'bursty': {
      const bursts = spells(random, { first: 0, gap: [15 * 60, 75 * 60], length: [60, 12 * 60] });
      const height = random.between(2.5, 8);
      return { applied: steadily, written: (second) => (bursts(second) ? height : 1) };
    }
    case 'evenings': {
      const begun = random.between(0, day);
      const height = random.between(1.8, 4);
      const isEvening = (second: number): boolean => {
        const time = (begun + second) % day;
        return time >= evening.begins && time < evening.ends;
      };
      return { applied: steadily, written: (second) => (isEvening(second) ? height : 1) };
    }
    case 'stalls': {
      const stalled = spells(random, {
        first: copiedAt,
        gap: [0.5 * hour, 6 * hour],
        length: [8 * 60, 75 * 60],
      });
      return { applied: (second) => (stalled(second) ? 0 : steadily(second)), written: evenly };
    }
  }
}

function evenly(): number {
  return 1;
}

/** A slow wavering of some per cent around 1. */
function wave(random: Random): (second: number) => number {
  const parts = [2, 9, 41].map((minutes) => ({
    period: minutes * 60 * random.between(0.7, 1.4),
    phase: random.between(0, 2 * Math.PI),
    height: random.between(0.02, 0.06),
  }));
  return (second) =>
    parts.reduce((sum, { period, phase, height }) => sum + height * Math.sin(second / period + phase), 1);
}

interface SpellBounds {
  readonly first: number;
  readonly gap: readonly [from: number, to: number];
  readonly length: readonly [from: number, to: number];
}

/** Returns whether a second falls into one of the spells that come again and again. */
function spells(random: Random, { first, gap, length }: SpellBounds): (second: number) => boolean {
  const inSpell = new Uint8Array(longest);
  for (let second = first + random.between(...gap); second < longest; second += random.between(...gap)) {
    const end = second + random.scaled(...length);
    inSpell.fill(1, second, end);
    second = end;
  }
  return (second) => inSpell[Math.max(0, Math.floor(second))] === 1;
}
