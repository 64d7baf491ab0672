import type { MigrationState } from '../state/migration-state.ts';
import type { WatchedMigration } from './fleet.ts';
import { settledIntervalMs } from './migration/cadence.ts';
import { retryAfterMs } from './migration/reachability.ts';
import type { WatchPlan } from './policy.ts';
import { nextPollAt } from './schedule/due-time.ts';

type Scheduled = Pick<WatchedMigration, 'key' | 'cadence' | 'target'>;

/**
 * Returns the time between two polls of a migration, in ms: that of its schedule, or of a settled one. Infinity for one
 * that is not polled any more. `now` in ms since 1970.
 */
export function pollIntervalMs(
  { cadence, target }: Scheduled,
  state: MigrationState | undefined,
  { planFor }: Pick<WatchPlan, 'planFor'>,
  now: number,
): number {
  const settledMs = state && settledIntervalMs(state, now);
  return settledMs ?? planFor(target).schedules[cadence].intervalMs;
}

/**
 * Returns when a migration is polled next, in ms since 1970: by its schedule unless it is settled or its latest poll failed
 * in a way that asks for another time. Infinity for one that is not polled any more.
 */
export function nextPollOf(
  { key, cadence, target }: Scheduled,
  state: MigrationState | undefined,
  { planFor }: Pick<WatchPlan, 'planFor'>,
  now: number,
): number {
  const waitMs = state && (settledIntervalMs(state, now) ?? retryAfterMs(state.outage));
  return nextPollAt({ key, schedule: planFor(target).schedules[cadence] }, waitMs, now);
}
