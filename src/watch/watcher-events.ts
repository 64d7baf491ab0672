import type { DeprecationNotice } from '../atlas/client.ts';
import type { EventFields, EventName } from '../events/catalogue.ts';
import type { Emit } from '../events/emitter.ts';
import { buildEvent } from '../events/event-record.ts';
import type { MigrationState } from '../state/migration-state.ts';
import type { Cadence } from './migration/cadence.ts';

type States = readonly (MigrationState | undefined)[];

/** Says what concerns the watcher itself, and what is to be said once only once. */
export class WatcherEvents {
  readonly #emit: Emit;
  readonly #now: () => number;
  readonly #overrunning = { default: false, approaching: false };
  #deprecationReported = false;
  #settledSaid = false;

  /** `now` in ms since 1970. */
  constructor(emit: Emit, now: () => number) {
    this.#emit = emit;
    this.#now = now;
  }

  beat(states: States, run: RunCounts): void {
    this.#say('watcher.heartbeat', heartbeat(states, run, this.#now()));
  }

  /** Says so when a tick finds the round before still running, once until one does not. */
  overrun(cadence: Cadence, late: boolean, counts: EventFields['watcher.overrun']): void {
    if (late && !this.#overrunning[cadence]) this.#say('watcher.overrun', counts);
    this.#overrunning[cadence] = late;
  }

  deprecation(deprecation: DeprecationNotice | undefined): void {
    if (deprecation === undefined || this.#deprecationReported) return;
    this.#deprecationReported = true;
    this.#say('watcher.api_deprecated', { ...deprecation });
  }

  /** Says that all are settled, and returns whether it did: once until some are not. */
  settled(states: States): boolean {
    if (this.#settledSaid) return false;
    this.#settledSaid = true;
    this.#say('watcher.settled', { migrations: states.length, statuses: countStatuses(states) });
    return true;
  }

  unsettled(): void {
    this.#settledSaid = false;
  }

  #say<Name extends EventName>(name: Name, fields: EventFields[Name]): void {
    this.#emit(buildEvent(name, fields, this.#now()));
  }
}

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
