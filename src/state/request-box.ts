import type { MigrationId } from '../atlas/migration-resource.ts';
import type { EventRecord } from '../events/event-record.ts';
import type { MigrationState } from './migration-state.ts';
import type { OperatorRequest } from './operator-word.ts';

/** The store of a watcher, as a command that leaves a request has it open. Everything rejects with a `StateError` where it cannot be used. */
export interface RequestBox {
  /** Whether a watcher has the store, which will take the request up soon. */
  readonly isWatched: boolean;
  /** Resolves to what is stored of a migration. */
  state(migration: MigrationId): Promise<MigrationState | undefined>;
  leave(request: OperatorRequest): Promise<void>;
  /** Resolves to the event that answers a request: `waiting` while it is not taken up. */
  answer(id: string): Promise<EventRecord | 'waiting' | undefined>;
  /** May be called more than once. */
  close(): Promise<void>;
}
