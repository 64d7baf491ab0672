import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { keyOf } from '../../atlas/migration-resource.ts';
import { type CopyPage, type CopySource, type CopyTarget, pagesOf, withIds } from '../copy.ts';
import { scopeKey } from '../migration-state.ts';
import { readRequest } from '../record-schema.ts';
import { StateError } from '../store.ts';
import { openStateDatabase } from './database.ts';
import { describeFault } from './errors.ts';
import { checkVacant, putInPlace, realStatePath } from './files.ts';
import { takeStateLease } from './lease.ts';
import { migrationIdOf, openRecordFile } from './reader.ts';
import { openStore } from './store.ts';
import type { Purpose } from './write-access.ts';

/**
 * Opens a state file to copy it, as its watcher would: it is brought up to date where it is of a former version. Rejects
 * with a StateError where a watcher uses it, or it cannot be used.
 */
export async function openFileSource(
  path: string,
  onUpgraded?: (sentence: string) => void,
): Promise<CopySource> {
  // Whatever cannot be read is refused before anything is made beside it.
  await (await openRecordFile(path)).close();
  const store = openStore(path, onUpgraded, 'command');
  const rows = async (sql: string) => described(path, () => rowsOf(path, sql), 'command');
  return {
    name: path,
    pages: () =>
      pagesOf(store, {
        migrations: async () =>
          (await rows('SELECT group_id, live_migration_id FROM migration ORDER BY id')).map(migrationIdOf),
        requests: async () =>
          (await rows('SELECT request FROM request ORDER BY rowid')).map(({ request }) =>
            readRequest(request),
          ),
      }),
    // The lease of a file is not lost.
    verify: () => Promise.resolve(),
    close: () => store.close(),
  };
}

function rowsOf(path: string, sql: string): readonly Readonly<Record<string, unknown>>[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

/**
 * Opens a state file to copy to, at a path where nothing is. It is made beside that path, and comes there when it is
 * complete. Rejects with a StateError where something is there, or the file cannot be made.
 */
export async function openFileTarget(path: string): Promise<CopyTarget> {
  if (path === ':memory:') throw new StateError(':memory: keeps nothing; name the path of a file.');
  return described(path, () => {
    checkVacant(path);
    const real = realStatePath(path);
    const lease = takeStateLease(real);
    try {
      return targetAt(real, path, () => lease.release());
    } catch (error) {
      lease.release();
      throw error;
    }
  });
}

function targetAt(path: string, name: string, release: () => void): CopyTarget {
  const part = `${path}.copy`;
  discard(part);
  openStateDatabase(part, 0).close();
  const database = new DatabaseSync(part);
  // The file is of no use before it is complete.
  database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN');
  const write = pageWriter(database);
  let isFinished = false;
  return {
    name,
    write: async (page) => described(name, () => write(page)),
    finish: async () =>
      described(name, () => {
        database.exec('COMMIT');
        database.close();
        putInPlace(part, path);
        isFinished = true;
      }),
    close: async () => {
      if (database.isOpen) database.close();
      if (!isFinished) discard(part);
      release();
    },
  };
}

/** Prepares the statements that write a page. */
function pageWriter(database: DatabaseSync): (page: CopyPage) => void {
  const ids = new Map<string, number>();
  const [migration, sample, event, outage, cursor, delivery, request] = [
    'INSERT INTO migration (group_id, live_migration_id, state) VALUES (?, ?, ?)',
    'INSERT INTO lag_sample (migration_id, observed_at, lag_time_seconds, lowest, highest) VALUES (?, ?, ?, ?, ?)',
    'INSERT INTO event (id, event_id, group_id, live_migration_id, record) VALUES (?, ?, ?, ?, ?)',
    'INSERT INTO outage (scope, state) VALUES (?, ?)',
    'INSERT INTO cursor (sink, position) VALUES (?, ?)',
    'INSERT INTO delivery (sink, state) VALUES (?, ?)',
    'INSERT INTO request (id, request) VALUES (?, ?)',
  ].map((sql) => database.prepare(sql)) as Statements;
  return (page) => {
    if ('migrations' in page)
      for (const row of page.migrations) {
        const { groupId, liveMigrationId, state } = row;
        const { lastInsertRowid } = migration.run(groupId, liveMigrationId, JSON.stringify(state));
        ids.set(keyOf(row), Number(lastInsertRowid));
      }
    else if ('samples' in page)
      for (const [id, { observedAt, lagTimeSeconds, lowest, highest }] of withIds(page.samples, ids))
        sample.run(id, observedAt, lagTimeSeconds, lowest ?? null, highest ?? null);
    else if ('events' in page)
      for (const { position, record } of page.events) {
        const { eventId, groupId, liveMigrationId } = record;
        const keys = [groupId, liveMigrationId].map((key) => (typeof key === 'string' ? key : null));
        event.run(position, String(eventId), ...keys, JSON.stringify(record));
      }
    else if ('outages' in page)
      for (const row of page.outages) outage.run(scopeKey(row), JSON.stringify(row));
    else if ('cursors' in page)
      for (const { sink, position, delivery: state } of page.cursors) {
        cursor.run(sink, position);
        if (state !== undefined) delivery.run(sink, JSON.stringify(state));
      }
    else for (const row of page.requests) request.run(row.id, JSON.stringify(row));
  };
}

type Statement = ReturnType<DatabaseSync['prepare']>;
type Statements = [Statement, Statement, Statement, Statement, Statement, Statement, Statement];

function discard(part: string): void {
  for (const ending of ['', '-wal', '-shm', '-journal']) rmSync(`${part}${ending}`, { force: true });
}

function described<Result>(path: string, work: () => Result, purpose: Purpose = 'new file'): Result {
  try {
    return work();
  } catch (error) {
    throw describeFault(error, path, purpose);
  }
}
