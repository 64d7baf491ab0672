import { formatDuration } from '../config/duration.ts';
import type { Config } from '../config/schema.ts';
import type { WatchPlan, WatchPolicy } from '../watch/policy.ts';
import { capacityWarnings } from '../watch/schedule/capacity.ts';
import { createCronSchedule } from '../watch/schedule/cron.ts';

/** Returns the plan of the watcher that a configuration describes. */
export function planOf(config: Config): WatchPlan {
  const { atlas, retry, watch } = config;
  return {
    policy: policyOf(config),
    schedules: schedulesOf(config),
    request: {
      apiVersion: atlas.apiVersion,
      pollTimeoutMs: atlas.pollTimeout,
      retry: {
        attempts: retry.attempts,
        minDelayMs: retry.minDelay,
        maxDelayMs: retry.maxDelay,
        maxRetryAfterMs: retry.maxRetryAfter,
      },
    },
    concurrency: atlas.concurrency,
    heartbeatMs: watch.heartbeat,
  };
}

/** Returns the policy for decisions about migrations that a configuration describes. */
export function policyOf({
  cutover,
  schedule,
  watch,
}: Pick<Config, 'cutover' | 'schedule' | 'watch'>): WatchPolicy {
  return {
    windowMs: cutover.window,
    warnBeforeMs: cutover.warnBefore,
    remindEveryMs: cutover.remindEvery,
    lagAtMostMs: cutover.lagAtMost,
    formatDuration,
    stallAfterMs: watch.stallAfter,
    approachingLagMs: schedule.approachingLag,
    unreachableAfterMs: watch.unreachableAfter,
    outageRemindEveryMs: watch.remindEvery,
  };
}

/** Returns a sentence for each schedule that needs more requests than the budget of a project allows. */
export function planWarnings(config: Config): readonly string[] {
  const schedules = schedulesOf(config);
  const intervals = {
    standard: schedules.default.intervalMs,
    approaching: schedules.approaching.intervalMs,
  };
  return capacityWarnings(config.migrations, intervals, config.atlas.requestsPerMinute);
}

/** The schedule for migrations near readiness is used only if it is faster than the default one. */
function schedulesOf({ schedule }: Pick<Config, 'schedule'>): WatchPlan['schedules'] {
  const standard = createCronSchedule(schedule.default, schedule.timezone);
  const approaching = createCronSchedule(schedule.approaching, schedule.timezone);
  return {
    default: standard,
    approaching: approaching.intervalMs < standard.intervalMs ? approaching : standard,
  };
}
