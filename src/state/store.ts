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

interface LagSample {
  /** Milliseconds since 1970. */
  readonly observedAt: number;
  readonly lagTimeSeconds: number;
}

/** An event that is stored but not yet known to have been written to the log. */
export interface OutboxEntry {
  readonly id: number;
  readonly record: EventRecord;
}

/** The watcher's memory. Only one watcher holds it at a time. */
export interface Store {
  /** Returns what is remembered of a migration, if anything. */
  load(groupId: string, liveMigrationId: string): MigrationState | undefined;
  /** Stores the changes, all of them or none, and returns their events, which are now to be written. */
  commit(changes: readonly Change[]): readonly OutboxEntry[];
  /** Returns the events that an earlier run stored and may not have written, oldest first. */
  unwritten(): readonly OutboxEntry[];
  markWritten(entries: readonly OutboxEntry[]): void;
  /** Deletes lag samples taken before this moment, in ms since 1970. */
  pruneSamples(before: number): void;
  close(): void;
}
