import { formatDuration } from '../config/duration.ts';
import type { Config } from '../config/schema.ts';
import { hasOverrides, type Overrides } from '../watch/migration/target.ts';
import type { MigrationPlan, WatchPlan, WatchPolicy } from '../watch/policy.ts';
import { capacityWarnings } from '../watch/schedule/capacity.ts';
import { type CronSchedule, createCronSchedule } from '../watch/schedule/cron.ts';

type Shared = Pick<Config, 'cutover' | 'schedule' | 'watch'>;
type MakeSchedule = (expression: string) => CronSchedule;

/** Returns the plan of the watcher that a configuration describes. `adjustPolicy` changes every policy in it. */
export function planOf(config: Config, adjustPolicy?: (policy: WatchPolicy) => WatchPolicy): WatchPlan {
  const { atlas, retry, watch } = config;
  return {
    planFor: plansOf(config, adjustPolicy),
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

/**
 * Returns the policy for decisions about one migration: what is set for it alone, and for the rest what is set for all.
 */
export function policyOf({ cutover, schedule, watch }: Shared, target: Overrides): WatchPolicy {
  const own = target.cutover ?? {};
  return {
    windowMs: own.window ?? cutover.window,
    warnBeforeMs: own.warnBefore ?? cutover.warnBefore,
    remindEveryMs: own.remindEvery ?? cutover.remindEvery,
    lagAtMostMs: own.lagAtMost ?? cutover.lagAtMost,
    formatDuration,
    stallAfterMs: target.watch?.stallAfter ?? watch.stallAfter,
    approachingLagMs: target.schedule?.approachingLag ?? schedule.approachingLag,
    unreachableAfterMs: target.watch?.unreachableAfter ?? watch.unreachableAfter,
    outageRemindEveryMs: watch.remindEvery,
  };
}

/** Returns a sentence for each schedule that needs more requests than the budget of a project allows. */
export function planWarnings(config: Config): readonly string[] {
  const planFor = plansOf(config);
  return capacityWarnings(
    config.migrations,
    (target) => {
      const { schedules } = planFor(target);
      return { standard: schedules.default.intervalMs, approaching: schedules.approaching.intervalMs };
    },
    config.atlas.requestsPerMinute,
  );
}

/** Returns the plans of migrations. Those without settings of their own share one, and equal expressions a schedule. */
function plansOf(
  config: Shared,
  adjustPolicy = (policy: WatchPolicy): WatchPolicy => policy,
): WatchPlan['planFor'] {
  const schedules = new Map<string, CronSchedule>();
  const make: MakeSchedule = (expression) => {
    const known = schedules.get(expression) ?? createCronSchedule(expression, config.schedule.timezone);
    schedules.set(expression, known);
    return known;
  };
  const plan = (target: Overrides): MigrationPlan => ({
    policy: adjustPolicy(policyOf(config, target)),
    schedules: schedulesOf(config, target, make),
  });
  const shared = plan({});
  const own = new WeakMap<Overrides, MigrationPlan>();
  return (target) => {
    if (!hasOverrides(target)) return shared;
    const known = own.get(target) ?? plan(target);
    own.set(target, known);
    return known;
  };
}

/** The schedule for migrations near readiness is used only if it is faster than the default one. */
function schedulesOf(
  { schedule }: Shared,
  target: Overrides,
  make: MakeSchedule,
): MigrationPlan['schedules'] {
  const standard = make(target.schedule?.default ?? schedule.default);
  const approaching = make(target.schedule?.approaching ?? schedule.approaching);
  return {
    default: standard,
    approaching: approaching.intervalMs < standard.intervalMs ? approaching : standard,
  };
}
