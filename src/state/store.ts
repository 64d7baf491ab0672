import type { MigrationId } from '../atlas/migration-resource.ts';
import type { EventFields, EventName } from '../events/catalogue.ts';
import type { EventRecord } from '../events/event-record.ts';
import type { DeliveryState } from './delivery-state.ts';
import type { MigrationState, ScopeKey, ScopeOutage } from './migration-state.ts';
import type { OperatorRequest } from './operator-word.ts';

export interface RecordedState extends MigrationId {
  readonly state: MigrationState;
}

/** One observation of a lag, or what is left of several after 24 hours: the latest of them and their range. */
export interface LagSample {
  /** Milliseconds since 1970. */
  readonly observedAt: number;
  readonly lagTimeSeconds: number;
  /** Of a sample that stands for several, in seconds. */
  readonly lowest?: number;
  readonly highest?: number;
}

/** Which samples of a migration are wanted. Moments are in ms since 1970. */
export interface WantedSamples {
  /** None before this moment. */
  readonly since: number;
  /** So many of the latest ones, */
  readonly latest: number;
  /** and the first one at or after each of these moments, oldest first. */
  readonly moments: readonly number[];
}

export interface RecordedSample extends MigrationId, LagSample {}

/** An event in the event log. */
export interface LogEntry {
  /** Grows in the order of commits; the first position is 1. */
  readonly position: number;
  readonly record: EventRecord;
}

/** Events that were looked for in a part of the event log. */
export interface FoundEvents {
  readonly entries: readonly LogEntry[];
  readonly searchedTo: number;
}

/** An outage of a scope that began or changed; `outage` is undefined when it is over. */
export interface OutageChange {
  readonly key: ScopeKey;
  readonly outage: ScopeOutage | undefined;
}

/** How far a sink has delivered the event log. */
export interface Cursor {
  readonly sink: string;
  readonly position: number;
  /** Of a sink that can fail. */
  readonly delivery?: DeliveryState | undefined;
}

/** A request that a command left in the store. */
export interface StoredRequest {
  readonly id: string;
  /** Undefined where what is stored is no request. */
  readonly request: OperatorRequest | undefined;
}

/** What is stored in one transaction. Every migration with samples has a state in the batch or in the store. */
export interface Batch {
  readonly states: readonly RecordedState[];
  readonly outages: readonly OutageChange[];
  readonly samples: readonly RecordedSample[];
  /** Oldest first. */
  readonly events: readonly EventRecord[];
  readonly cursors: readonly Cursor[];
  /** Sinks whose cursors are removed. */
  readonly removedSinks?: readonly string[];
  /** Ids of the requests that this takes up, which are removed. */
  readonly requests?: readonly string[];
}

/**
 * What a commit did. `replaced`: the store is a new or a different one since the commit before, so that nothing that
 * was committed earlier can be relied upon. Nothing of the batch is stored then; `position` is the last one in the
 * event log of the new store, 0 in an empty one.
 */
export type CommitResult =
  | { readonly replaced: false; readonly positions?: { readonly first: number; readonly last: number } }
  | { readonly replaced: true; readonly position: number };

/** Why the store cannot be used. */
export type StateFaultReason = EventFields['watcher.state_unavailable']['reason'];

/** The store cannot be used. The message says which one, why, and what to do. */
export class StateError extends Error {
  override readonly name = 'StateError';
  readonly reason: StateFaultReason;
  /** What to do, for a store that worked before. */
  readonly remedy: string;

  constructor(
    message: string,
    options: ErrorOptions & { readonly reason?: StateFaultReason; readonly remedy?: string } = {},
  ) {
    super(message, options);
    this.reason = options.reason ?? 'damaged';
    this.remedy = options.remedy ?? '';
  }
}

/** Another watcher has taken over the store: nothing of this was stored, and nothing will be. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
}

/** What is stored in one place cannot be used. The message says what, without the path of the state file. */
export class DamagedRecordError extends Error {
  override readonly name = 'DamagedRecordError';
}

/**
 * Where states, outages, lag samples and the event log are stored. Only one watcher holds a store at a time.
 * Every method rejects with a {@link StateError} while the store cannot be used, and with another error only for
 * a bug in this program.
 */
export interface Store {
  /** Where it is, for people. */
  readonly path: string;
  /** How long what a poll only confirmed may wait for a commit, in ms. A crash loses the lag samples of this time. */
  readonly patienceMs: number;
  /**
   * Whether the store is known to be as this watcher left it: a file that nobody touched, or a database that has just
   * answered. If not, a commit finds out what happened. Never throws.
   */
  isUntouched(): boolean;
  /** Resolves to the states that are stored of these migrations. */
  states(migrations: readonly MigrationId[]): Promise<readonly RecordedState[]>;
  /** Resolves to the outages of scopes that are not over. */
  outages(): Promise<readonly ScopeOutage[]>;
  /** Resolves to the cursors of all sinks, none of them beyond the last position. */
  cursors(): Promise<readonly Cursor[]>;
  /** Resolves to the position of the latest event; 0 where there is none. */
  lastPosition(): Promise<number>;
  /** Resolves to the events at this position and after it, at most `limit`, in order. */
  eventsFrom(position: number, limit: number): Promise<readonly LogEntry[]>;
  /**
   * Resolves to the events of these names among the next `rows` events after this position, in order, and to the
   * position up to which they were looked for: the same one at the end of the log.
   */
  eventsNamed(names: readonly EventName[], position: number, rows: number): Promise<FoundEvents>;
  /**
   * Resolves to the events after the one with this event id, or from the first one, oldest first; to undefined when
   * the log has no event with this id.
   */
  eventsAfter(eventId: string | undefined, limit: number): Promise<readonly EventRecord[] | undefined>;
  /**
   * Resolves to the latest events, oldest first; to those of one migration where it is given: its own and those of
   * its project and of the account.
   */
  latestEvents(limit: number, migration?: MigrationId): Promise<readonly EventRecord[]>;
  /** Resolves to the first lag samples of a migration since this moment (ms since 1970), in order; all without a limit. */
  samples(migration: MigrationId, since: number, limit?: number): Promise<readonly LagSample[]>;
  /** Resolves to the latest lag samples of a migration since this moment (ms since 1970), oldest first. */
  latestSamples(migration: MigrationId, since: number, limit: number): Promise<readonly LagSample[]>;
  /** Resolves to some samples of each of these migrations, by its key and oldest first. */
  samplesOfMany(
    migrations: readonly MigrationId[],
    wanted: WantedSamples,
  ): Promise<ReadonlyMap<string, readonly LagSample[]>>;
  /** Resolves to the oldest requests that wait, in the order in which they were left; some at a time. */
  requests(): Promise<readonly StoredRequest[]>;
  /** Stores all of the batch or nothing. Positions of its events are consecutive. */
  commit(batch: Batch): Promise<CommitResult>;
  /** Thins and deletes old lag samples, a bounded number a call. Call it once a second; `now` in ms since 1970. */
  maintain(now: number): Promise<void>;
  /** May be called more than once. */
  close(): Promise<void>;
}
