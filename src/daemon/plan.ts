import { formatDuration } from '../config/duration.ts';
import type { Config } from '../config/schema.ts';
import { cronIntervalMs } from '../watch/cron-schedule.ts';
import type { WatchPolicy } from '../watch/migration/apply-poll.ts';
import { slowestPollMs } from '../watch/schedule/capacity.ts';

/** Returns what of the configuration the decisions about a migration need. */
export function policyOf(config: Config): WatchPolicy {
  const { atlas, cutover, migrations, schedule, watch } = config;
  const { standard } = schedulesOf(config);
  return {
    windowMs: cutover.window,
    warnBeforeMs: cutover.warnBefore,
    remindEveryMs: cutover.remindEvery,
    formatDuration,
    stallAfterMs: watch.stallAfter,
    approachingLagMs: schedule.approachingLag,
    unreachableAfter: watch.unreachableAfter,
    slowestPollMs: slowestPollMs(migrations, standard.intervalMs, atlas.requestsPerMinute),
  };
}

/** Returns the schedules with their shortest intervals. One for what is near readiness that is not the faster is no help. */
export function schedulesOf({ schedule }: Config) {
  const { timezone } = schedule;
  const standard = { cron: schedule.default, intervalMs: cronIntervalMs(schedule.default, timezone) };
  const faster = { cron: schedule.approaching, intervalMs: cronIntervalMs(schedule.approaching, timezone) };
  return { timezone, standard, approaching: faster.intervalMs < standard.intervalMs ? faster : standard };
}
