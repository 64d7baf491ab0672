import type { EventRecord } from '../events/event-record.ts';
import type { MigrationState } from './migration-state.ts';

/** What one poll changed: the new state, the events that follow from it, and how far the copy was behind. */
export interface Change {
  readonly groupId: string;
  readonly liveMigrationId: string;
  readonly state: MigrationState;
  readonly events: readonly EventRecord[];
  readonly sample?: LagSample;
}

export interface LagSample {
  /** Milliseconds since 1970. */
  readonly observedAt: number;
  readonly lagTimeSeconds: number;
}

/** An event that is stored but not yet known to have been written to the log. */
export interface OutboxEntry {
  readonly id: number;
  readonly record: EventRecord;
}

/** What is to be stored in one go. Every migration named in it is among its states, or was stored earlier. */
export interface Batch {
  readonly states: readonly Pick<Change, 'groupId' | 'liveMigrationId' | 'state'>[];
  readonly samples: readonly (Pick<Change, 'groupId' | 'liveMigrationId'> & LagSample)[];
  /** Oldest first; those that have been written to the log already are for the history, and to be kept there. */
  readonly events: readonly { readonly record: EventRecord; readonly written: boolean }[];
  /** Ids of events stored earlier that have been written to the log since. */
  readonly written: readonly number[];
}

/** The watcher's memory. Only one watcher holds it at a time. */
export interface Store {
  /** Where it is, for people. */
  readonly path: string;
  /** Returns what is remembered of a migration, if anything. */
  load(groupId: string, liveMigrationId: string): MigrationState | undefined;
  /** Returns the first lag samples of a migration since this moment (ms since 1970), in their order; all without a limit. */
  samples(groupId: string, liveMigrationId: string, since: number, limit?: number): readonly LagSample[];
  /** Returns the latest lag samples of a migration taken since this moment (ms since 1970), oldest first. */
  latestSamples(groupId: string, liveMigrationId: string, since: number, limit: number): readonly LagSample[];
  /**
   * Returns the recorded events after the one with this event id, or from the first one, oldest first; undefined
   * when no event with this id is recorded.
   */
  eventsAfter(eventId: string | undefined, limit: number): readonly EventRecord[] | undefined;
  /** Returns the latest recorded events, oldest first; those of one migration where its name is given. */
  latestEvents(limit: number, migration?: string): readonly EventRecord[];
  /**
   * Makes sure that the store is still the one at its path, and opens it anew where it is not, or after a failure.
   * Returns undefined when everything stored is still there. Otherwise the place of the store is taken by a new or
   * another one, all ids are void, and the events that the former one held unwritten are returned. Throws while it
   * cannot be used.
   */
  refresh(): readonly OutboxEntry[] | undefined;
  /** Stores all of the batch or none of it, and returns the ids of its events. */
  commit(batch: Batch): readonly number[];
  /**
   * Returns events that are stored and may not have been written, oldest first, at most `limit` of them: those with an
   * id above `after`.
   */
  unwritten(limit: number, after?: number): readonly OutboxEntry[];
  /** Deletes the oldest lag samples taken before this moment (in ms since 1970), at most `limit` of them. */
  pruneSamples(before: number, limit: number): void;
  close(): void;
}
