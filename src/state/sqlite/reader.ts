import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { MigrationId } from '../../atlas/migration-resource.ts';
import type { EventRecord } from '../../events/event-record.ts';
import { readState } from '../migration-state.ts';
import { type LagSample, type RecordedState, StateFileError } from '../store.ts';
import { eventsOfMigration, recordOf } from './database.ts';
import { describeFault } from './errors.ts';
import { sampleOf } from './samples.ts';
import { inspectSchema, presentAsNewest } from './schema.ts';

/** How long a reader waits for a lock, in ms: a watcher holds one only while it commits. */
const lockWaitMs = 5_000;

/** What is stored of a migration. */
export interface RecordedMigration extends RecordedState {
  /** Oldest first. */
  readonly samples: readonly LagSample[];
}

/** A migration under one of the names that it had. */
export interface NamedMigration extends MigrationId {
  readonly name: string;
}

/** Yields every migration in the event log under every name that it had, the latest used last. Throws like {@link readHistory}. */
export function readNames(path: string): Generator<NamedMigration> {
  return readRows(path, selectNames);
}

/**
 * Yields the events in the log, oldest first; where a migration is given, its own under every name that it had, and
 * those of its project and of the account. Works beside a running watcher. Throws a StateFileError when there is no
 * state file, or none that can be read.
 */
export function readHistory(path: string, migration?: MigrationId): Generator<EventRecord> {
  return readRows(path, (database) => selectEvents(database, migration));
}

/**
 * Yields every migration that is stored, with its lag samples since this moment (ms since 1970). Works beside a
 * running watcher. Throws like {@link readHistory}.
 */
export function readMigrations(path: string, since: number): Generator<RecordedMigration> {
  return readRows(path, (database) => selectMigrations(database, since));
}

function* selectEvents(database: DatabaseSync, migration: MigrationId | undefined): Generator<EventRecord> {
  const where = `WHERE ${eventsOfMigration.map((condition) => `(${condition})`).join(' OR ')}`;
  const select = database.prepare(
    `SELECT record FROM event ${migration === undefined ? '' : where} ORDER BY id`,
  );
  const keys = migration === undefined ? [] : [migration.groupId, migration.liveMigrationId];
  for (const row of select.iterate(...keys)) yield recordOf(row);
}

function* selectNames(database: DatabaseSync): Generator<NamedMigration> {
  const select = database.prepare(
    `SELECT record ->> '$.migration' AS name, group_id, live_migration_id, max(id) AS latest FROM event
     WHERE live_migration_id IS NOT NULL GROUP BY name, group_id, live_migration_id ORDER BY latest`,
  );
  for (const { name, group_id: groupId, live_migration_id: liveMigrationId } of select.iterate())
    yield { name: String(name), groupId: String(groupId), liveMigrationId: String(liveMigrationId) };
}

function* selectMigrations(database: DatabaseSync, since: number): Generator<RecordedMigration> {
  const selectSamples = database.prepare(
    `SELECT observed_at, lag_time_seconds, lowest, highest FROM lag_sample
     WHERE migration_id = ? AND observed_at >= ? ORDER BY observed_at`,
  );
  const select = database.prepare('SELECT id, group_id, live_migration_id, state FROM migration ORDER BY id');
  for (const row of select.iterate())
    yield {
      groupId: String(row.group_id),
      liveMigrationId: String(row.live_migration_id),
      state: readState(String(row.state)),
      samples: selectSamples.all(Number(row.id), since).map(sampleOf),
    };
}

/**
 * Yields the rows that `select` finds in a state file; none in one that was only just created. It only reads and
 * leaves nothing behind: files of another user would shut the watcher out.
 */
function* readRows<Row>(path: string, select: (database: DatabaseSync) => Iterable<Row>): Generator<Row> {
  if (path === ':memory:')
    throw new StateFileError('state.path is :memory:, which keeps nothing; set it to the path of a file.');
  if (!existsSync(path))
    throw new StateFileError(
      `${path}: there is no state file yet. It is made by cutover-watch run; check state.path if one is running.`,
    );
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(readableSource(path), { readOnly: true, timeout: lockWaitMs });
    const version = inspectSchema(database, path);
    if (version === 0) return;
    presentAsNewest(database, version);
    yield* select(database);
  } catch (error) {
    throw describeFault(error, path);
  } finally {
    database?.close();
  }
}

/**
 * A reader needs SQLite's log and shared memory beside the file, and makes them where they are missing. But without
 * a log no watcher is running, nothing writes the file, and it can be read as it is.
 */
function readableSource(path: string): string | URL {
  if (existsSync(`${path}-wal`)) return path;
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  return url;
}
