import { createTask, type Logger, parse } from 'node-cron';

/** The ticks of a cron expression in a time zone. */
export interface CronSchedule {
  /** The shortest time between two of 60 ticks in a row, clock changes aside; in ms. */
  readonly intervalMs: number;
  /** Returns the first tick strictly after a moment, in ms since 1970; Infinity when there is none. */
  readonly next: (after: number) => number;
}

/** The times of day of an expression, each field in ascending order. */
interface TimesOfDay {
  readonly hours: readonly number[];
  readonly minutes: readonly number[];
  readonly seconds: readonly number[];
}

/** Returns the first tick at or after a moment, both in local time as if that were UTC; Infinity when there is none. */
type LocalTick = (from: number) => number;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** February 29 falls on a given weekday at least once in 40 years; what has no tick until then has none at all. */
const daysSearched = 41 * 366;
/** Enough to see the shortest interval of any usual expression, and quickly that of a rare one. */
const ticksCompared = 60;
const yearsCompared = 10;
/** Stands for the interval of an expression without two ticks. */
const fallbackIntervalMs = 60_000;
/** Migrations of one schedule ask for the ticks of about a minute. */
const cachedGaps = 16;

/** node-cron prints to the console by default. */
const quiet: Logger = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

/**
 * Returns the schedule of a valid cron expression (five fields, or six with seconds first) in an IANA time zone.
 * node-cron parses the expression and knows the calendar; its timers are not used, as they stop when the clock is set
 * back and make up for every missed tick when it is set forward.
 *
 * When clocks change, an expression with two hours in a row keeps its pace. Any other one runs once for each of its
 * local times, as in vixie-cron: at the second of two equal times, and right after a change that skips its time.
 */
export function createCronSchedule(expression: string, timezone: string): CronSchedule {
  const { hour: hours } = parse(expression);
  const keepsPace = hours.some((hour) => hours.includes((hour + 1) % 24));
  const localTick = localTicksOf(expression);
  const offsetAt = offsetOf(timezone);
  const gaps = new Map<number, number>();
  return {
    intervalMs: shortestGapMs(localTick),
    next(after) {
      for (const [tick, from] of gaps) if (from <= after && after < tick) return tick;
      const tick = firstTick(Math.floor(after / 1000) * 1000 + 1000, localTick, offsetAt, keepsPace);
      gaps.set(tick, Math.min(after, gaps.get(tick) ?? after));
      const [oldest] = gaps.keys();
      if (gaps.size > cachedGaps && oldest !== undefined) gaps.delete(oldest);
      return tick;
    },
  };
}

/** Returns the first tick at or after `start`, a whole second. */
function firstTick(start: number, localTick: LocalTick, offsetAt: OffsetAt, keepsPace: boolean): number {
  for (let from = start; ; ) {
    const offset = offsetAt(from);
    const tick = localTick(from + offset) - offset;
    if (tick === Number.POSITIVE_INFINITY) return tick;
    // A change that repeats the local time of this tick comes less than a day after it.
    const change = firstChange(offsetAt, from, tick + dayMs);
    if (change === undefined) return tick;
    const { at, offset: newOffset } = change;
    if (tick < (keepsPace ? at : Math.min(at, at + newOffset - offset))) return tick;
    const skipsTick = localTick(at + offset) < at + newOffset;
    if (skipsTick && !keepsPace) return at;
    from = at;
  }
}

function localTicksOf(expression: string): LocalTick {
  const { second, minute, hour, month: months } = parse(expression);
  const times = { hours: ascending(hour), minutes: ascending(minute), seconds: ascending(second) };
  const isDay = dayOf(expression, firstTimeOfDay(times, 0) ?? 0);
  const hasTicks = (day: number): boolean => months.includes(new Date(day).getUTCMonth() + 1) && isDay(day);
  return (from) => {
    const today = Math.floor(from / dayMs) * dayMs;
    for (let day = today; day < today + daysSearched * dayMs; day += dayMs) {
      const time = hasTicks(day) ? firstTimeOfDay(times, from - day) : undefined;
      if (time !== undefined) return day + time;
    }
    return Number.POSITIVE_INFINITY;
  };
}

/**
 * Returns whether an expression has ticks on a day, of which the first is at `first`, in ms. node-cron is asked in UTC,
 * where every local time exists exactly once; not at all about every day, as its formatter costs memory and time.
 */
function dayOf(expression: string, first: number): (day: number) => boolean {
  const [ofMonth, , ofWeek] = expression.trim().split(/\s+/).slice(-3);
  if (ofMonth === '*' && ofWeek === '*') return () => true;
  const task = createTask(expression, () => {}, { timezone: 'UTC', logger: quiet });
  void task.destroy();
  return (day) => task.match(new Date(day + first));
}

/** Returns the first time of day at or after `from`, in ms since midnight; undefined when the day has none left. */
function firstTimeOfDay({ hours, minutes, seconds }: TimesOfDay, from: number): number | undefined {
  for (const hour of hours) {
    if ((hour + 1) * hourMs <= from) continue;
    for (const minute of minutes) {
      const start = hour * hourMs + minute * 60_000;
      if (start + 60_000 <= from) continue;
      const second = seconds.find((each) => start + each * 1000 >= from);
      if (second !== undefined) return start + second * 1000;
    }
  }
  return undefined;
}

/** An expression names no years, so any 60 ticks will do; these are the first since 1970. */
function shortestGapMs(localTick: LocalTick): number {
  let shortest = Number.POSITIVE_INFINITY;
  let tick = localTick(0);
  for (let compared = 1; compared < ticksCompared; compared += 1) {
    const next = localTick(tick + 1000);
    if (next === Number.POSITIVE_INFINITY) break;
    shortest = Math.min(shortest, next - tick);
    if (next > yearsCompared * 366 * dayMs) break;
    tick = next;
  }
  return shortest === Number.POSITIVE_INFINITY ? fallbackIntervalMs : shortest;
}

function ascending(values: readonly number[]): readonly number[] {
  return values.toSorted((one, other) => one - other);
}

/** Returns how far the local time is ahead of UTC at a moment, in ms. */
type OffsetAt = (at: number) => number;

/** A change of a zone's offset, such as the start or end of daylight saving time. */
interface OffsetChange {
  /** The first moment with the new offset, in ms since 1970. */
  readonly at: number;
  readonly offset: number;
}

/** No zone changes its offset and changes it back within a week. */
const stepMs = 7 * 24 * 3_600_000;

/** Returns the offsets of an IANA time zone. Throws a RangeError when the zone is unknown. */
function offsetOf(timezone: string): OffsetAt {
  // The usual zone needs no formatter, which costs memory.
  if (timezone === 'UTC') return () => 0;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const date = Date.UTC(part('year'), part('month') - 1, part('day'));
    const time = ((part('hour') * 60 + part('minute')) * 60 + part('second')) * 1000;
    return date + time - Math.floor(at / 1000) * 1000;
  };
}

/** Returns the first change of the offset after `from` and until `until`, to the second; undefined when there is none. */
function firstChange(offsetAt: OffsetAt, from: number, until: number): OffsetChange | undefined {
  const offset = offsetAt(from);
  for (let before = from; before < until; ) {
    let after = Math.min(before + stepMs, until);
    if (offsetAt(after) === offset) {
      before = after;
      continue;
    }
    while (after - before > 1000) {
      const middle = before + Math.floor((after - before) / 2000) * 1000;
      if (offsetAt(middle) === offset) before = middle;
      else after = middle;
    }
    return { at: after, offset: offsetAt(after) };
  }
  return undefined;
}
