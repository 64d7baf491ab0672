import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { catalogue } from '../events/catalogue.ts';
import type { EventRecord } from '../events/event-record.ts';
import type { MigrationState } from './migration-state.ts';
import { inspectSchema, upgradeSchema } from './schema.ts';
import { describeOpenError } from './state-file-error.ts';
import { takeStateLease } from './state-lease.ts';
import type { Change, OutboxEntry, Store } from './store.ts';

/**
 * Opens the state file for the one watcher that may write it, and creates it where there is none; `:memory:`
 * keeps nothing. Throws a StateFileError when the file is held by another watcher, damaged, foreign, newer than
 * this program, or cannot be written.
 */
export function openStore(path: string): Store {
  try {
    if (path === ':memory:') return createStore(new DatabaseSync(path), path, () => {});
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
    const lease = takeStateLease(path);
    try {
      return createStore(new DatabaseSync(path, { timeout: 5000 }), path, () => lease.release());
    } catch (error) {
      lease.release();
      throw error;
    }
  } catch (error) {
    throw describeOpenError(error, path);
  }
}

function createStore(database: DatabaseSync, path: string, onClose: () => void): Store {
  try {
    const version = inspectSchema(database, path);
    // A commit survives the end of the process at once and a power cut as of the last checkpoint; a transition
    // lost to a power cut is found again by the next poll, under the same event id.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    upgradeSchema(database, version);
  } catch (error) {
    database.close();
    throw error;
  }

  const selectState = database.prepare(
    'SELECT state FROM migration WHERE group_id = ? AND live_migration_id = ?',
  );
  const upsertState = database.prepare(
    `INSERT INTO migration (group_id, live_migration_id, state) VALUES (?, ?, ?)
     ON CONFLICT (group_id, live_migration_id) DO UPDATE SET state = excluded.state RETURNING id`,
  );
  const insertEvent = database.prepare('INSERT INTO event (migration, record, kept) VALUES (?, ?, ?)');
  const insertSample = database.prepare('INSERT OR REPLACE INTO lag_sample VALUES (?, ?, ?)');
  const selectUnwritten = database.prepare('SELECT id, record FROM event WHERE written = 0 ORDER BY id');
  const setWritten = database.prepare('UPDATE event SET written = 1 WHERE id = ?');
  const deleteUnkept = database.prepare('DELETE FROM event WHERE id = ? AND kept = 0');
  const deleteSamples = database.prepare('DELETE FROM lag_sample WHERE observed_at < ?');

  function store(change: Change): OutboxEntry[] {
    const row = upsertState.get(change.groupId, change.liveMigrationId, JSON.stringify(change.state));
    if (change.sample !== undefined)
      insertSample.run(Number(row?.id), change.sample.observedAt, change.sample.lagTimeSeconds);
    return change.events.map((record) => {
      const kept = catalogue[record.event].kept === false ? 0 : 1;
      const { lastInsertRowid } = insertEvent.run(String(record.migration), JSON.stringify(record), kept);
      return { id: Number(lastInsertRowid), record };
    });
  }

  function transaction<Result>(work: () => Result): Result {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }

  return {
    load: (groupId, liveMigrationId) => {
      const row = selectState.get(groupId, liveMigrationId);
      return row === undefined ? undefined : (JSON.parse(String(row.state)) as MigrationState);
    },
    commit: (changes) => transaction(() => changes.flatMap(store)),
    unwritten: () =>
      selectUnwritten.all().map((row) => ({
        id: Number(row.id),
        record: JSON.parse(String(row.record)) as EventRecord,
      })),
    markWritten: (entries) => {
      if (entries.length === 0) return;
      transaction(() => {
        for (const { id } of entries) {
          setWritten.run(id);
          deleteUnkept.run(id);
        }
      });
    },
    pruneSamples: (before) => {
      deleteSamples.run(before);
    },
    close: () => {
      database.close();
      onClose();
    },
  };
}
