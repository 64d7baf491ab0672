import type { EventFields } from '../events/catalogue.ts';
import type { MigrationState } from '../state/migration-state.ts';

/** Since the start of this run. */
export interface RunCounts {
  readonly polls: number;
  readonly pollFailures: number;
  /** Lines that the log did not take in time. */
  readonly droppedLines: number;
}

/** Returns how many migrations have each status; what has not been read yet counts as `UNKNOWN`. */
export function countStatuses(states: readonly (MigrationState | undefined)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const state of states) {
    const status = state?.settlement ?? state?.known.status ?? 'UNKNOWN';
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

/** Returns the fields of a heartbeat: what is watched, in counts, and how old the oldest knowledge is. */
export function heartbeat(
  states: readonly (MigrationState | undefined)[],
  { polls, pollFailures, droppedLines }: RunCounts,
  now: number,
): EventFields['watcher.heartbeat'] {
  const count = (matches: (state: MigrationState) => boolean): number =>
    states.filter((state) => state !== undefined && matches(state)).length;
  const observed = states
    .filter((state) => state?.settlement === undefined)
    .map((state) => state?.observation?.observedAt)
    .filter((observedAt) => observedAt !== undefined);
  const oldest = observed.reduce(
    (least, observedAt) => Math.min(least, observedAt),
    Number.POSITIVE_INFINITY,
  );
  return {
    migrations: states.length,
    statuses: countStatuses(states),
    ready: count(({ readiness, settlement }) => readiness !== undefined && settlement === undefined),
    unreachable: count(({ outage }) => outage?.told !== undefined),
    settled: count(({ settlement }) => settlement !== undefined),
    polls,
    pollFailures,
    ...(observed.length > 0 && { oldestObservationSeconds: Math.max(0, Math.round((now - oldest) / 1000)) }),
    ...(droppedLines > 0 && { droppedLines }),
  };
}
