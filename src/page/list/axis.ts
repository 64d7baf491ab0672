import type { Range } from '../route.ts';
import { clockText, shortDayText } from '../times.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** How far back each range goes, in ms. */
const pastMs: Readonly<Record<Range, number>> = { '6h': 6 * hourMs, '24h': dayMs, '5d': 5 * dayMs };

/** The part right of now is at least so long, and at least this share of the part left of it. */
const leastFutureMs = 3 * hourMs;
const leastFutureShare = 0.15;
/** The part right of now is at most this share of the width: a window of five days leaves room for the last hours. */
const mostFutureWidth = 0.42;
/** An estimate alone makes the axis no longer than this. */
const longestEstimateMs = 5 * dayMs;
/** Lanes follow the time in steps, so that they are not drawn every second. */
const stepMs = 15_000;

/**
 * The time axis that all lanes share. Moments are in ms since 1970. Where windows end far ahead, later moments lie closer
 * together, so that the next hours and the next days can be seen in one lane; `toAxis` returns where a moment lies.
 */
export interface Axis {
  readonly range: Range;
  readonly from: number;
  readonly now: number;
  /** The last moment of the axis. */
  readonly until: number;
  /** The same on the axis. */
  readonly to: number;
  readonly toAxis: (moment: number) => number;
}

/** What reaches into the future: the ends of windows, and the latest ends of estimates. In ms since 1970. */
interface Ends {
  readonly windows: readonly number[];
  readonly estimates: readonly number[];
}

/** Returns the axis of a range, which runs on to the latest of these ends. `at` in ms since 1970. */
export function axisOf(range: Range, at: number, { windows, estimates }: Ends): Axis {
  const now = Math.floor(at / stepMs) * stepMs;
  const past = pastMs[range];
  const estimated = Math.min(longestEstimateMs, greatest(estimates) - now);
  const least = Math.max(leastFutureMs, past * leastFutureShare, estimated, greatest(windows) - now);
  const future = Math.ceil((least * 1.04) / hourMs) * hourMs;
  const width = Math.min(future, (past * mostFutureWidth) / (1 - mostFutureWidth));
  return {
    range,
    from: now - past,
    now,
    until: now + future,
    to: now + width,
    toAxis: (moment) => {
      if (moment <= now || width === future) return moment;
      return now + width * Math.sqrt((moment - now) / future);
    },
  };
}

function greatest(moments: readonly number[]): number {
  return moments.reduce((one, other) => Math.max(one, other), 0);
}

/** A label of the axis. */
export interface Tick {
  /** In per cent of the width. */
  readonly x: number;
  readonly text: string;
  /** Left out where there is little room: on a phone. */
  readonly isMinor: boolean;
}

/** Labels are at least so far apart, in per cent. */
const leastGap = 13;
const edgeGap = 5;
const wideGap = 25;
const wideEdgeGap = 10;
const stepsMs = [1, 2, 3, 6, 12, 24, 48, 120].map((hours) => hours * hourMs);

/** Returns the labels left and right of now, at round times of the reader's zone. */
export function ticksOf(axis: Axis): readonly Tick[] {
  const { from, now, until } = axis;
  const x = (moment: number): number => ((axis.toAxis(moment) - from) / (axis.to - from)) * 100;
  const step = stepsMs.find((ms) => (x(now) * ms) / (now - from) >= leastGap) ?? 2 * dayMs;
  const near = stepsMs.find((ms) => x(now + ms) - x(now) >= leastGap) ?? dayMs;
  const moments = [
    ...roundMoments(from, now, step),
    ...roundMoments(now, Math.min(until, now + dayMs), near),
    ...roundMoments(now + dayMs, until, dayMs),
  ];
  let last = Number.NEGATIVE_INFINITY;
  return moments.flatMap((moment, index): Tick[] => {
    const place = x(moment);
    const toNow = Math.abs(place - x(now));
    if (place - last < leastGap || toNow < leastGap || Math.abs(place - 50) > 50 - edgeGap) return [];
    last = place;
    const isNarrow = toNow < wideGap || Math.abs(place - 50) > 50 - wideEdgeGap;
    return [
      {
        x: Math.round(place * 100) / 100,
        text: textOf(moment),
        isMinor: isNarrow || (moment < now && index % 2 === 1),
      },
    ];
  });
}

/** Returns the moments that are a multiple of `step` after a local midnight. */
function roundMoments(from: number, to: number, step: number): number[] {
  const midnight = new Date(from);
  midnight.setHours(0, 0, 0, 0);
  const moments: number[] = [];
  for (let index = 0; index < 1_000; index += 1) {
    const moment = new Date(midnight);
    if (step >= dayMs) moment.setDate(midnight.getDate() + (index * step) / dayMs);
    else moment.setHours((index * step) / hourMs);
    const at = moment.getTime();
    if (at > to) break;
    if (at > from) moments.push(at);
  }
  return moments;
}

function textOf(at: number): string {
  const moment = new Date(at);
  return moment.getHours() === 0 ? shortDayText(moment) : clockText(at);
}
