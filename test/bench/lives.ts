import { type Random, randomOf } from './random.ts';
import type { Trace } from './traces.ts';

/** Kinds of source, load and catch-up that differ from those of `traces.ts`. */
export const lifeKinds = [
  'wandering',
  'daily load',
  'hourly jobs',
  'levels',
  'cooling',
  'tiring',
  'quickening',
  'short halts',
  'long halts',
  'coarse',
  'night jobs',
  'restarts',
  'huge',
  'mixed',
  'writes',
  'contention',
  'gusts',
] as const;
export type LifeKind = (typeof lifeKinds)[number];

/** A made-up migration with what it really did, so that what is said of it can be judged. */
export interface Life extends Omit<Trace, 'kind'> {
  readonly kind: LifeKind;
  /** The true lag, without noise, leaps and wild readings. */
  readonly trueLagAt: (second: number) => number;
}

/** How fast the oplog is applied at a moment and a lag, and how densely it was written, both in usual seconds a second. */
interface Course {
  readonly applied: (second: number, lag: number) => number;
  readonly written: (second: number) => number;
  /** What a reply adds to the lag, in seconds. */
  readonly shown?: (second: number, lag: number) => number;
  /** Lag at the end of the initial copy, in seconds. */
  readonly begin?: number;
}

const minute = 60;
const hour = 3600;
const day = 24 * hour;
const longest = 8 * day;
const step = 5;

/** Returns lives of one kind, always the same for a seed. */
export function livesOf(kind: LifeKind, count: number, seed: number): readonly Life[] {
  const lives: Life[] = [];
  for (let number = 0; lives.length < count && number < count * 20; number += 1) {
    const life = lifeOf(kind, randomOf(seed * 100_000 + lifeKinds.indexOf(kind) * 1_000 + number));
    if (life !== undefined) lives.push(life);
  }
  return lives;
}

function lifeOf(kind: LifeKind, random: Random): Life | undefined {
  const copiedAt = Math.round(random.scaled(0.5 * hour, 14 * hour));
  const course = courseOf(kind, random);
  const readyLag = random.between(8, 30);
  const holdSeconds = random.whole(15, 100);
  const noise = shownNoise(random);
  let lag = course.begin ?? copiedAt;
  let held = 0;
  const truth: number[] = [];
  const shown: number[] = [];
  for (let second = copiedAt; second < longest; second += step) {
    lag = Math.max(1, lag + step * (1 - course.applied(second, lag) / course.written(second - lag)));
    truth.push(lag);
    shown.push(noise(Math.max(0, lag + (course.shown?.(second, lag) ?? 0)), second));
    held = lag <= readyLag ? held + step : 0;
    if (held < holdSeconds) continue;
    const at = (list: readonly number[]) => (moment: number) =>
      list[Math.min(list.length - 1, Math.floor((moment - copiedAt) / step))];
    return {
      kind,
      copiedAt,
      readyAt: second + random.next(),
      lagAt: at(shown),
      trueLagAt: (moment) => at(truth)(moment) ?? 0,
    };
  }
  return undefined;
}

/** Noise with a tail, as logs show it: mostly some seconds, at times half a minute; and few wild readings. */
function shownNoise(random: Random): (lag: number, second: number) => number {
  const spread = random.scaled(1, 9);
  const wildness = random.chance(0.5) ? 0 : 0.003;
  return (lag) => {
    if (random.chance(wildness))
      return random.chance(0.5) ? 0 : Math.round(lag * random.between(1.3, 3) + 90);
    const scale = random.chance(0.05) ? 3 * spread : spread;
    return Math.max(0, Math.round(lag + normal(random) * scale));
  };
}

function courseOf(kind: LifeKind, random: Random): Course {
  const pace = random.scaled(1.2, 5);
  const calm = walk(random, random.between(0.03, 0.12), random.between(10, 60) * minute);
  const steadily = (second: number): number => pace * calm(second);
  switch (kind) {
    case 'wandering': {
      const wander = walk(random, random.between(0.25, 0.6), random.scaled(0.5 * hour, 4 * hour));
      return { applied: (second) => pace * wander(second), written: evenly };
    }
    case 'daily load': {
      const phase = random.between(0, day);
      const depth = random.between(0.3, 0.85);
      return {
        applied: steadily,
        written: (second) => 1 + depth * Math.sin((2 * Math.PI * (second + phase)) / day),
      };
    }
    case 'hourly jobs': {
      const every = random.chance(0.6) ? hour : random.between(20, 100) * minute;
      const length = random.between(0.05, 0.3) * every;
      const height = random.between(3, 15);
      const phase = random.between(0, every);
      return {
        applied: steadily,
        written: (second) => ((((second + phase) % every) + every) % every < length ? height : 0.9),
      };
    }
    case 'levels': {
      const levels = spans(
        random,
        () => random.scaled(15 * minute, 3 * hour),
        () => random.scaled(0.5, 2),
      );
      return { applied: (second) => steadily(second) * levels(second), written: evenly };
    }
    case 'cooling': {
      const rate = Math.LN2 / random.scaled(15 * minute, 2.5 * hour);
      return { applied: (second, lag) => (1 + lag * rate) * calm(second) + 0.01, written: evenly };
    }
    case 'tiring':
    case 'quickening': {
      const lasts = random.scaled(4 * hour, 40 * hour);
      const sign = kind === 'tiring' ? -1 : 1;
      const from = kind === 'tiring' ? pace * 1.5 : 1.05;
      return {
        applied: (second) => Math.max(1.1, from + (sign * pace * second) / lasts) * calm(second),
        written: evenly,
      };
    }
    case 'short halts':
    case 'long halts': {
      const [go, halt] =
        kind === 'short halts'
          ? [[2 * minute, 20 * minute] as const, [0.5 * minute, 6 * minute] as const]
          : [[20 * minute, 5 * hour] as const, [5 * minute, 100 * minute] as const];
      let going = false;
      const runs = spans(
        random,
        () => random.scaled(...(going ? halt : go)),
        () => {
          going = !going;
          return going ? 1 : random.chance(0.5) ? 0 : random.between(0.5, 1);
        },
      );
      const faster = Math.max(1.8, pace);
      return { applied: (second) => faster * calm(second) * runs(second), written: evenly };
    }
    case 'coarse': {
      const every = random.scaled(40, 400);
      return {
        applied: steadily,
        written: evenly,
        shown: (second) => (second % every) * random.between(0.9, 1),
      };
    }
    case 'night jobs': {
      const phase = random.between(0, day);
      const length = random.between(1.5, 5) * hour;
      const share = random.between(0.2, 1);
      return {
        applied: (second) => steadily(second) * ((second + phase) % day < length ? share / pace : 1),
        written: evenly,
      };
    }
    case 'restarts': {
      const leaps = spans(
        random,
        () => random.scaled(3 * minute, 6 * hour),
        () => (random.chance(0.3) ? random.between(0.1, 0.5) : 0),
      );
      return { applied: steadily, written: evenly, shown: (second, lag) => lag * leaps(second) };
    }
    case 'mixed': {
      const [jobs, writes, daily] = [
        courseOf('hourly jobs', random),
        courseOf('writes', random),
        courseOf('daily load', random),
      ];
      return {
        applied: courseOf('wandering', random).applied,
        written: (second) => (jobs.written(second) + writes.written(second) + daily.written(second)) / 3,
      };
    }
    case 'writes': {
      // Oplog is read where it was written, so that earlier and earlier seconds may be asked for: a table, not a walk.
      const heavy = random.between(1.1, 1.8);
      const every = random.scaled(10 * minute, 2 * hour);
      const table = new Float32Array(longest / step + (20 * day) / step).fill(0.7);
      for (let at = 0; at < table.length; ) {
        at += Math.ceil((-Math.log(1 - random.next()) * every) / step);
        const length = Math.ceil(random.scaled(20, 25 * minute) / step);
        table.fill(0.7 + Math.min(30, (1 - random.next()) ** (-1 / heavy)), at, at + length);
        at += length;
      }
      return { applied: steadily, written: (second) => table[Math.floor((second + 15 * day) / step)] ?? 1 };
    }
    case 'contention': {
      const factors = spans(
        random,
        () => random.scaled(30, 20 * minute),
        () => random.next() ** random.between(0.5, 2) * 2,
      );
      return { applied: (second) => steadily(second) * factors(second), written: evenly };
    }
    case 'gusts': {
      const gusts = walk(random, random.between(0.6, 1.1), random.scaled(3 * minute, 40 * minute));
      return { applied: (second) => pace * gusts(second), written: evenly };
    }
    case 'huge':
      return {
        applied: (second) => Math.max(1.2, random.between(0.98, 1.02) * steadily(second)),
        written: evenly,
        begin: random.between(30, 110) * hour,
      };
  }
}

function evenly(): number {
  return 1;
}

/** Returns a factor around 1 whose logarithm wanders: standard deviation and time constant, in seconds, are given. */
function walk(random: Random, spread: number, constant: number): (second: number) => number {
  const keep = Math.exp(-step / constant);
  const push = spread * Math.sqrt(1 - keep ** 2);
  let value = spread * normal(random);
  return () => {
    value = value * keep + push * normal(random);
    return Math.exp(value);
  };
}

/** Returns a value that stays for some time and then changes. Ask for later and later seconds only. */
function spans(random: Random, length: () => number, next: () => number): (second: number) => number {
  let value = next();
  let end: number | undefined;
  return (second) => {
    end ??= second + random.next() * length();
    while (second >= end) {
      value = next();
      end += length();
    }
    return value;
  };
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
