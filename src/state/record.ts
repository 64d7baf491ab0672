import type { MigrationId } from '../atlas/migration-resource.ts';
import type { EventRecord } from '../events/event-record.ts';
import type { Cursor, LagSample, RecordedState } from './store.ts';

/** What is stored of one migration. */
export interface RecordedMigration extends RecordedState {
  /** Oldest first. */
  readonly samples: readonly LagSample[];
}

/** The place of a sink in the event log, and what it has not delivered yet, oldest first. */
export interface RecordedCursor extends Cursor {
  readonly undelivered: AsyncIterable<EventRecord>;
}

/**
 * What a watcher has recorded, open for reading beside it. Everything rejects with a `StateError` where it cannot be
 * read. What is read of one migration costs no more where there are many.
 */
export interface StateRecord {
  /** Resolves to every migration that is stored. */
  migrations(): Promise<readonly MigrationId[]>;
  /** Resolves to the latest event of every migration that has one. */
  latestEvents(): Promise<readonly EventRecord[]>;
  /** Resolves to the migrations that have had this name. */
  calledBefore(name: string): Promise<readonly MigrationId[]>;
  /**
   * Yields the events in the log, oldest first; where a migration is given, its own under every name that it had, and
   * those of its project and of the account.
   */
  events(migration?: MigrationId): AsyncIterable<EventRecord>;
  /** Resolves to what is stored of one migration. Its older samples stand for ten minutes each; `now` in ms since 1970. */
  migration(migration: MigrationId, now: number): Promise<RecordedMigration | undefined>;
  /** Yields those of these migrations that are stored, with their lag samples since this moment (ms since 1970). */
  stored(migrations: readonly MigrationId[], since: number): AsyncIterable<RecordedMigration>;
  /** Yields the place of every sink in the event log. */
  cursors(): AsyncIterable<RecordedCursor>;
  /** May be called more than once. */
  close(): Promise<void>;
}
