import { existsSync, realpathSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { readState } from '../record-schema.ts';
import type { RequestBox } from '../request-box.ts';
import { StateError } from '../store.ts';
import { describeFault, faultReason } from './errors.ts';
import { recordOf } from './events.ts';
import { takeStateLease } from './lease.ts';
import { createRequestTable } from './requests.ts';
import { inspectFile, inspectSchema, schemaVersion } from './schema.ts';

/** How long a command waits for the lock of the watcher, in ms, which holds it only while it commits. */
const lockWaitMs = 5_000;

/**
 * Opens the state file of a watcher, beside it or without it, to leave a request there. It makes no state file: that
 * would belong to the wrong user. Rejects with a {@link StateError} where it cannot be used.
 */
export async function openRequestBox(path: string): Promise<RequestBox> {
  if (path === ':memory:')
    throw new StateError(
      'state.path is :memory:, which no command can write to. Set it to the path of a file, or write the deadline or the plan into the configuration.',
    );
  try {
    if (!existsSync(path) && statSync(path, { throwIfNoEntry: false }) === undefined)
      throw new StateError(
        `${path}: there is no state file yet. Start cutover-watch run first; check state.path if it runs.`,
      );
    return open(realpathSync(path), path);
  } catch (error) {
    throw faultReason(error) === undefined ? error : describeFault(error, path, 'command');
  }
}

/** `shown` is the path for people. */
function open(path: string, shown: string): RequestBox {
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
    return boxIn(database, release, shown);
  } catch (error) {
    database?.close();
    release?.();
    throw error;
  }
}

function boxIn(database: DatabaseSync, release: (() => void) | undefined, path: string): RequestBox {
  const position = Number(database.prepare('SELECT max(id) AS id FROM event').get()?.id ?? 0);
  const select = database.prepare('SELECT state FROM migration WHERE group_id = ? AND live_migration_id = ?');
  const insert = database.prepare('INSERT INTO request (id, request) VALUES (?, ?)');
  const selectRequest = database.prepare('SELECT 1 FROM request WHERE id = ?');
  const selectAnswer = database.prepare(
    `SELECT record FROM event WHERE id > ? AND record ->> '$.requestId' = ? ORDER BY id LIMIT 1`,
  );
  const attempt = async <Result>(work: () => Result): Promise<Result> => {
    try {
      return work();
    } catch (error) {
      throw faultReason(error) === undefined ? error : describeFault(error, path, 'command');
    }
  };
  return {
    isWatched: release === undefined,
    state: ({ groupId, liveMigrationId }) =>
      attempt(() => {
        const row = select.get(groupId, liveMigrationId);
        return row && readState(row.state);
      }),
    leave: (request) => attempt(() => void insert.run(request.id, JSON.stringify(request))),
    answer: (id) =>
      attempt(() => {
        if (selectRequest.get(id) !== undefined) return 'waiting';
        const row = selectAnswer.get(position, id);
        return row && recordOf(row);
      }),
    close: async () => {
      if (!database.isOpen) return;
      database.close();
      release?.();
    },
  };
}

/**
 * Takes the lease, so that no watcher starts meanwhile, and returns a function that releases it; undefined where a
 * watcher has it.
 */
function takeFreeLease(path: string): (() => void) | undefined {
  try {
    const lease = takeStateLease(path);
    return () => lease.release();
  } catch (error) {
    if (error instanceof StateError && error.reason === 'held') return undefined;
    throw error;
  }
}
