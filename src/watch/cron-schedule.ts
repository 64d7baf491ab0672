import { createTask, type Logger, parse } from 'node-cron';
import { sleepBeforeTick } from './tick-plan.ts';

export interface ScheduleOptions {
  /** Wall clock and monotonic clock, in ms. */
  readonly now: () => number;
  readonly monotonic: () => number;
  /** Told whenever the schedule has looked at its clocks, which is every second at least. */
  readonly onLook?: () => void;
}

/** Enough to see a schedule's shortest interval in any usual expression. */
const ticksLookedAt = 60;

/** node-cron prints to the console by default; whatever it has to say, the polls tell it better. */
const quiet: Logger = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

/** Returns the shortest time between two ticks of a cron expression, in ms. */
export function cronIntervalMs(expression: string, timezone: string): number {
  const task = createTask(expression, () => {}, { timezone, logger: quiet });
  const ticks = task.getNextRuns(ticksLookedAt);
  void task.destroy();
  return shortestGapMs(ticks);
}

/**
 * Calls `onTick` at the times of a cron expression (seconds first) in this time zone, and returns a function that
 * ends this. node-cron reads the expression and knows the calendar; its timers are not used, as they fall silent
 * when the clock is set back and make up for every missed tick when it is set forward.
 */
export function startCronSchedule(
  expression: string,
  timezone: string,
  onTick: () => void,
  { now, monotonic, onLook }: ScheduleOptions,
): () => void {
  const task = createTask(expression, () => {}, { timezone, logger: quiet });
  const { second: seconds } = parse(expression);
  const matches = (at: number): boolean => task.match(new Date(at));
  let due = nextTick();
  let timer = setTimeout(look, 0);

  function nextTick() {
    const dueAt =
      matchWithinHour(matches, seconds, now()) ??
      task.getNextRuns(1)[0]?.getTime() ??
      Number.POSITIVE_INFINITY;
    return { dueAt, dueMonotonic: monotonic() + dueAt - now() };
  }

  function look(): void {
    onLook?.();
    const sleepMs = sleepBeforeTick({ ...due, now: now(), monotonic: monotonic() });
    if (sleepMs === 0) {
      due = nextTick();
      onTick();
    }
    timer = setTimeout(look, sleepMs);
  }

  return () => {
    clearTimeout(timer);
    void task.destroy();
  };
}

/**
 * Returns the first moment after `now` within the hour to come that matches, in ms since 1970. node-cron leaves out the
 * first of the two hours that have the same name when a daylight saving time ends, so near ticks are not asked of it.
 * `seconds` are those of the expression; offsets of time zones are whole minutes, so they are the same everywhere.
 */
function matchWithinHour(
  matches: (at: number) => boolean,
  seconds: readonly number[],
  now: number,
): number | undefined {
  const [first = 0] = seconds;
  const thisMinute = now - (now % 60_000);
  const minutes = Array.from({ length: 61 }, (_, index) => thisMinute + index * 60_000);
  for (const minute of minutes) {
    if (!matches(minute + first * 1000)) continue;
    const moment = seconds.map((second) => minute + second * 1000).find((at) => at > now);
    if (moment !== undefined) return moment;
  }
  return undefined;
}

/** Returns the shortest time between two neighbours, in ms; a minute when there are no two. */
export function shortestGapMs(dates: readonly Date[]): number {
  const gaps = dates.slice(1).map((date, index) => date.getTime() - (dates[index]?.getTime() ?? 0));
  return gaps.length === 0 ? 60_000 : Math.min(...gaps);
}
