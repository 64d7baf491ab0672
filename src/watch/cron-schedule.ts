import { createTask, type Logger } from 'node-cron';

export interface CronSchedule {
  /** The shortest time between two ticks, in ms. */
  readonly intervalMs: number;
  stop(): void;
}

/** Enough to see a schedule's shortest interval in any usual expression. */
const ticksLookedAt = 60;

/** node-cron prints to the console by default; whatever it has to say, the polls tell it better. */
const quiet: Logger = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

/** Calls `onTick` at the times of a cron expression (seconds first), in this time zone, until stopped. */
export function startCronSchedule(expression: string, timezone: string, onTick: () => void): CronSchedule {
  const task = createTask(expression, onTick, { timezone, logger: quiet, suppressMissedWarning: true });
  void task.start();
  return {
    intervalMs: shortestInterval(task.getNextRuns(ticksLookedAt)),
    stop: () => void task.destroy(),
  };
}

/** Returns the shortest time between two neighbours, in ms; a minute when there are no two. */
export function shortestInterval(dates: readonly Date[]): number {
  const gaps = dates.slice(1).map((date, index) => date.getTime() - (dates[index]?.getTime() ?? 0));
  return gaps.length === 0 ? 60_000 : Math.min(...gaps);
}
