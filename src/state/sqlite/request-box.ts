import { existsSync, lchownSync, realpathSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { MigrationId } from '../../atlas/migration-resource.ts';
import type { EventRecord } from '../../events/event-record.ts';
import type { MigrationState } from '../migration-state.ts';
import type { OperatorRequest } from '../operator-word.ts';
import { readState } from '../record-schema.ts';
import { StateError } from '../store.ts';
import { describeFault, faultReason } from './errors.ts';
import { recordOf } from './events.ts';
import { takeStateLease } from './lease.ts';
import { createRequestTable } from './requests.ts';
import { inspectFile, inspectSchema, schemaVersion } from './schema.ts';

/** How long a command waits for the lock of the watcher, in ms, which holds it only while it commits. */
const lockWaitMs = 5_000;

/** The state file, as a command that leaves a request has it open. */
export interface RequestBox {
  /** Whether a watcher has the file, which will take the request up soon. */
  readonly isWatched: boolean;
  state(migration: MigrationId): MigrationState | undefined;
  leave(request: OperatorRequest): void;
  /** Returns the event that answers a request: `waiting` while it is not taken up. */
  answer(id: string): EventRecord | 'waiting' | undefined;
  close(): void;
}

/**
 * Opens the state file of a watcher, beside it or without it, to leave a request there. It makes no state file: that
 * would belong to the wrong user. Throws a {@link StateError} where it cannot be used.
 */
export function openRequestBox(path: string): RequestBox {
  if (path === ':memory:')
    throw new StateError(
      'state.path is :memory:, which no command can write to. Set it to the path of a file, or write the deadline or the plan into the configuration.',
    );
  try {
    if (!existsSync(path) && statSync(path, { throwIfNoEntry: false }) === undefined)
      throw new StateError(
        `${path}: there is no state file yet. Start cutover-watch run first; check state.path if it runs.`,
      );
    return open(realpathSync(path));
  } catch (error) {
    throw faultReason(error) === undefined ? error : describeFault(error, path);
  }
}

function open(path: string): RequestBox {
  inspectFile(path);
  const release = takeFreeLease(path);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: lockWaitMs });
    if (inspectSchema(database, path) !== schemaVersion)
      throw new StateError(
        `${path}: the state file is of an older version. Start cutover-watch run of this version first, which brings it up to date.`,
      );
    // Only the watcher moves the log into the file: it looks for writes of others there.
    database.exec('PRAGMA wal_autocheckpoint = 0');
    createRequestTable(database);
    return boxIn(database, release);
  } catch (error) {
    database?.close();
    release?.();
    throw error;
  }
}

function boxIn(database: DatabaseSync, release: (() => void) | undefined): RequestBox {
  const position = Number(database.prepare('SELECT max(id) AS id FROM event').get()?.id ?? 0);
  const select = database.prepare('SELECT state FROM migration WHERE group_id = ? AND live_migration_id = ?');
  const insert = database.prepare('INSERT INTO request (id, request) VALUES (?, ?)');
  const selectRequest = database.prepare('SELECT 1 FROM request WHERE id = ?');
  const selectAnswer = database.prepare(
    `SELECT record FROM event WHERE id > ? AND record ->> '$.requestId' = ? ORDER BY id LIMIT 1`,
  );
  return {
    isWatched: release === undefined,
    state: ({ groupId, liveMigrationId }) => {
      const row = select.get(groupId, liveMigrationId);
      return row && readState(row.state);
    },
    leave: (request) => void insert.run(request.id, JSON.stringify(request)),
    answer: (id) => {
      if (selectRequest.get(id) !== undefined) return 'waiting';
      const row = selectAnswer.get(position, id);
      return row && recordOf(row);
    },
    close: () => {
      database.close();
      release?.();
    },
  };
}

/**
 * Takes the lease, so that no watcher starts meanwhile, and returns a function that releases it; undefined where a
 * watcher has it. Root leaves no file that the user of the watcher could not open.
 */
function takeFreeLease(path: string): (() => void) | undefined {
  const lock = `${path}.lock`;
  const isNew = !existsSync(lock);
  try {
    const lease = takeStateLease(path);
    const { uid, gid } = statSync(path);
    if (isNew && process.geteuid?.() === 0) lchownSync(lock, uid, gid);
    return () => lease.release();
  } catch (error) {
    if (error instanceof StateError && error.reason === 'held') return undefined;
    throw error;
  }
}
