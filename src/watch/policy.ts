import type { PollRequest } from '../atlas/client.ts';
import type { Cadence } from './migration/cadence.ts';
import type { Overrides } from './migration/target.ts';
import type { CronSchedule } from './schedule/cron.ts';

/** What the decisions about a migration need of the configuration. */
export interface WatchPolicy {
  /** How long Atlas keeps a ready migration synchronized, in ms. */
  readonly windowMs: number;
  /** How long before the end of the window to warn, in ms, longest first. */
  readonly warnBeforeMs: readonly number[];
  /** How often to remind while a migration is ready, in ms; 0 is never. */
  readonly remindEveryMs: number;
  /** The lag of a ready migration above which a cutover would take long, in ms. */
  readonly lagAtMostMs: number;
  /** Time without progress after which a lag counts as stalled, in ms. */
  readonly stallAfterMs: number;
  /** The lag at or under which a migration counts as near readiness, in ms. */
  readonly approachingLagMs: number;
  /** How long polls must have failed, at least twice in a row, until a migration is unreachable, in ms. */
  readonly unreachableAfterMs: number;
  /** How often to remind of an outage that lasts, in ms; 0 is never. */
  readonly outageRemindEveryMs: number;
  /** Writes a length of time as the configuration does, such as `48h`. */
  readonly formatDuration: (ms: number) => string;
}

export type WindowPolicy = Pick<WatchPolicy, 'windowMs' | 'warnBeforeMs' | 'remindEveryMs'>;
export type OutagePolicy = Pick<WatchPolicy, 'unreachableAfterMs' | 'outageRemindEveryMs'>;

/** What one configuration says about one migration. */
export interface MigrationPlan {
  readonly policy: WatchPolicy;
  readonly schedules: Readonly<Record<Cadence, CronSchedule>>;
}

/** All that the watcher does as one configuration says. */
export interface WatchPlan {
  /** Returns what applies to a migration: what is set for it alone, and for the rest what is set for all. */
  readonly planFor: (target: Overrides) => MigrationPlan;
  /** Version, timeouts and retries of a poll. */
  readonly request: PollRequest;
  /** Polls under way at once, at most. */
  readonly concurrency: number;
  readonly heartbeatMs: number;
}
