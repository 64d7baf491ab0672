import { existsSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { MigrationId } from '../../atlas/migration-resource.ts';
import type { EventRecord } from '../../events/event-record.ts';
import { readState } from '../record-schema.ts';
import { type Cursor, type LagSample, type RecordedState, StateError } from '../store.ts';
import { storedCursors } from './cursors.ts';
import { describeFault, faultReason } from './errors.ts';
import { eventsOfMigration, recordOf } from './events.ts';
import { immutableUrl } from './files.ts';
import { sampleOf, thinnedSamples } from './samples.ts';
import { inspectSchema, presentAsNewest } from './schema.ts';

/** How long a reader waits for a lock, in ms: a watcher holds one only while it commits. */
const lockWaitMs = 5_000;

/** The place of a sink in the event log, and what it has not delivered. */
export interface RecordedCursor extends Cursor {
  /** The events behind it, oldest first. They can be read until the next cursor. */
  readonly undelivered: Iterable<EventRecord>;
}

/** What is stored of a migration. */
export interface RecordedMigration extends RecordedState {
  /** Oldest first. */
  readonly samples: readonly LagSample[];
}

/** An open state file for reading. What is read of one migration costs no more where there are many. */
export interface StateRecord {
  /** Every migration that is stored. */
  migrations(): readonly MigrationId[];
  /** The latest event of every migration that has one. */
  latestEvents(): readonly EventRecord[];
  /** The migrations that have had this name. */
  calledBefore(name: string): readonly MigrationId[];
  /** The events of one migration under every name that it had, of its project and of the account, oldest first. */
  events(migration: MigrationId): Iterable<EventRecord>;
  /** What is stored of one migration. Its older samples stand for ten minutes each; `now` in ms since 1970. */
  migration(migration: MigrationId, now: number): RecordedMigration | undefined;
}

/**
 * Yields what `read` yields of a state file, which is open meanwhile; `read` gets undefined where the file was only just
 * created. Works beside a running watcher. Throws a StateError when there is no state file, or none that can be read.
 */
export function readRecord<Item>(
  path: string,
  read: (record: StateRecord | undefined) => Iterable<Item>,
): Generator<Item> {
  return readRows(path, (database) => read(database && recordIn(database)));
}

/**
 * Yields the events in the log, oldest first; where a migration is given, its own under every name that it had, and
 * those of its project and of the account. Works and throws like {@link readRecord}.
 */
export function readHistory(path: string, migration?: MigrationId): Generator<EventRecord> {
  return readRows(path, (database) => (database === undefined ? [] : selectEvents(database, migration)));
}

/**
 * Yields every migration that is stored, or those of these that are, with its lag samples since this moment (ms since
 * 1970). Works and throws like {@link readRecord}.
 */
export function readMigrations(
  path: string,
  since: number,
  chosen?: readonly MigrationId[],
): Generator<RecordedMigration> {
  return readRows(path, (database) =>
    database === undefined ? [] : selectMigrations(database, since, chosen),
  );
}

/** Yields the place of every sink in the event log. Works and throws like {@link readRecord}. */
export function readCursors(path: string): Generator<RecordedCursor> {
  return readRows(path, (database) => (database === undefined ? [] : selectCursors(database)));
}

function* selectCursors(database: DatabaseSync): Generator<RecordedCursor> {
  const select = database.prepare('SELECT record FROM event WHERE id > ? ORDER BY id');
  for (const cursor of storedCursors(database))
    yield { ...cursor, undelivered: recordsOf(select.iterate(cursor.position)) };
}

function* recordsOf(rows: Iterable<Record<string, unknown>>): Generator<EventRecord> {
  for (const row of rows) yield recordOf(row);
}

function recordIn(database: DatabaseSync): StateRecord {
  const selectMigration = migrationSelect(database);
  const samplesOf = thinnedSamples(database);
  return {
    migrations: () => allMigrations(database),
    latestEvents: () =>
      database
        .prepare(
          `SELECT record FROM event WHERE id IN
             (SELECT max(id) FROM event WHERE live_migration_id IS NOT NULL GROUP BY group_id, live_migration_id)`,
        )
        .all()
        .map(recordOf),
    calledBefore: (name) =>
      database
        .prepare(
          `SELECT DISTINCT group_id, live_migration_id FROM event
           WHERE live_migration_id IS NOT NULL AND record ->> '$.migration' = ?`,
        )
        .all(name)
        .map(migrationIdOf),
    events: (migration) => selectEvents(database, migration),
    migration: (migration, now) => selectMigration(migration, (id) => samplesOf(id, now)),
  };
}

function allMigrations(database: DatabaseSync): readonly MigrationId[] {
  return database
    .prepare('SELECT group_id, live_migration_id FROM migration ORDER BY id')
    .all()
    .map(migrationIdOf);
}

function* selectEvents(database: DatabaseSync, migration: MigrationId | undefined): Generator<EventRecord> {
  // Positions are sorted, and not the records.
  const ids = eventsOfMigration
    .map((condition) => `SELECT id FROM event WHERE ${condition}`)
    .join(' UNION ALL ');
  const where = migration === undefined ? '' : `WHERE id IN (${ids})`;
  const select = database.prepare(`SELECT record FROM event ${where} ORDER BY id`);
  const keys = migration === undefined ? [] : [migration.groupId, migration.liveMigrationId];
  for (const row of select.iterate(...keys)) yield recordOf(row);
}

function* selectMigrations(
  database: DatabaseSync,
  since: number,
  chosen?: readonly MigrationId[],
): Generator<RecordedMigration> {
  const selectMigration = migrationSelect(database);
  const selectSamples = database.prepare(
    `SELECT observed_at, lag_time_seconds, lowest, highest FROM lag_sample
     WHERE migration_id = ? AND observed_at >= ? ORDER BY observed_at`,
  );
  for (const migration of chosen ?? allMigrations(database)) {
    const recorded = selectMigration(migration, (id) => selectSamples.all(id, since).map(sampleOf));
    if (recorded !== undefined) yield recorded;
  }
}

function migrationSelect(database: DatabaseSync) {
  const select = database.prepare(
    'SELECT id, state FROM migration WHERE group_id = ? AND live_migration_id = ?',
  );
  return (
    { groupId, liveMigrationId }: MigrationId,
    samplesOf: (id: number) => readonly LagSample[],
  ): RecordedMigration | undefined => {
    const row = select.get(groupId, liveMigrationId);
    if (row === undefined) return undefined;
    return { groupId, liveMigrationId, state: readState(row.state), samples: samplesOf(Number(row.id)) };
  };
}

function migrationIdOf(row: Readonly<Record<string, unknown>>): MigrationId {
  return { groupId: String(row.group_id), liveMigrationId: String(row.live_migration_id) };
}

/**
 * Yields what `select` finds in a state file; it gets undefined in one that was only just created. It only reads and
 * leaves nothing behind: files of another user would shut the watcher out.
 */
function* readRows<Row>(
  path: string,
  select: (database: DatabaseSync | undefined) => Iterable<Row>,
): Generator<Row> {
  if (path === ':memory:')
    throw new StateError('state.path is :memory:, which keeps nothing; set it to the path of a file.');
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() === false)
    throw new StateError(
      `${path} is not a file, but a folder, a device, a pipe or a socket. Set state.path to the state file of cutover-watch run.`,
    );
  if (stats === undefined)
    throw new StateError(
      `${path}: there is no state file yet. It is made by cutover-watch run; check state.path if one is running.`,
    );
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(readableSource(path), { readOnly: true, timeout: lockWaitMs });
    const version = inspectSchema(database, path);
    if (version > 0) presentAsNewest(database, version);
    yield* select(version > 0 ? database : undefined);
  } catch (error) {
    // What the reader of the rows throws is its own.
    throw faultReason(error) === undefined ? error : describeFault(error, path);
  } finally {
    database?.close();
  }
}

/**
 * A reader needs SQLite's log and shared memory beside the file, and makes them where they are missing. But without
 * a log no watcher is running, nothing writes the file, and it can be read as it is.
 */
function readableSource(path: string): string | URL {
  return existsSync(`${path}-wal`) ? path : immutableUrl(path);
}
