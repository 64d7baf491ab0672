import { createTask, type Logger } from 'node-cron';

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
 * Calls `onTick` at the times of a cron expression (seconds first) in this time zone. Returns a function that
 * ends this.
 */
export function startCronSchedule(expression: string, timezone: string, onTick: () => void): () => void {
  const task = createTask(expression, onTick, { timezone, logger: quiet, suppressMissedWarning: true });
  void task.start();
  return () => void task.destroy();
}

/** Returns the shortest time between two neighbours, in ms; a minute when there are no two. */
export function shortestGapMs(dates: readonly Date[]): number {
  const gaps = dates.slice(1).map((date, index) => date.getTime() - (dates[index]?.getTime() ?? 0));
  return gaps.length === 0 ? 60_000 : Math.min(...gaps);
}
