import { accessSync, constants, existsSync, type Stats, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { MigrationId } from '../../atlas/migration-resource.ts';
import type { EventRecord } from '../../events/event-record.ts';
import type { RecordedMigration, StateRecord } from '../record.ts';
import { readState } from '../record-schema.ts';
import { type LagSample, StateError } from '../store.ts';
import { storedCursors } from './cursors.ts';
import { describeFault, faultReason } from './errors.ts';
import { eventsOfMigration, recordOf } from './events.ts';
import { immutableUrl } from './files.ts';
import { sampleOf, thinnedSamples } from './samples.ts';
import { inspectSchema, presentAsNewest } from './schema.ts';
import { explainUnreadable, readSelf } from './write-access.ts';

/** How long a reader waits for a lock, in ms: a watcher holds one only while it commits. */
const lockWaitMs = 5_000;

/**
 * Opens a state file for reading, also beside a running watcher; one that was only just created has nothing. It leaves
 * nothing behind: files of another user would shut the watcher out. Rejects with a StateError when there is no state file,
 * or none that can be read.
 */
export async function openRecordFile(path: string): Promise<StateRecord> {
  const database = openForReading(path);
  const selectMigration = database && migrationSelect(database);
  const samplesOf = database && thinnedSamples(database);
  const selectSamples = database?.prepare(
    `SELECT observed_at, lag_time_seconds, lowest, highest FROM lag_sample
     WHERE migration_id = ? AND observed_at >= ? ORDER BY observed_at`,
  );
  const all = async <Row>(select: (open: DatabaseSync) => readonly Row[]): Promise<readonly Row[]> =>
    described(path, () => (database === undefined ? [] : select(database)));

  /** Yields what `select` finds. A fault of the file has its path and a remedy. */
  async function* each<Row>(select: (open: DatabaseSync) => Iterable<Row>): AsyncGenerator<Row> {
    if (database === undefined) return;
    try {
      yield* select(database);
    } catch (error) {
      throw asFault(error, path);
    }
  }

  return {
    migrations: () => all(allMigrations),
    latestEvents: () => all(latestEvents),
    calledBefore: (name) => all((open) => calledBefore(open, name)),
    events: (migration) => each((open) => selectEvents(open, migration)),
    migration: async (migration, now) =>
      described(path, () => selectMigration?.(migration, (id) => samplesOf?.(id, now) ?? [])),
    stored: (migrations, since) =>
      each(function* () {
        for (const migration of migrations) {
          const recorded = selectMigration?.(
            migration,
            (id) => selectSamples?.all(id, since).map(sampleOf) ?? [],
          );
          if (recorded !== undefined) yield recorded;
        }
      }),
    cursors: () =>
      each(function* (open) {
        for (const cursor of storedCursors(open))
          yield { ...cursor, undelivered: each(() => eventsAfter(open, cursor.position)) };
      }),
    close: async () => {
      if (database?.isOpen === true) database.close();
    },
  };
}

function described<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw asFault(error, path);
  }
}

/** Returns a fault of the file with its path and a remedy, and a mistake of this program as it is. */
function asFault(error: unknown, path: string): unknown {
  return faultReason(error) === undefined ? error : describeFault(error, path, 'command');
}

function* eventsAfter(database: DatabaseSync, position: number): Generator<EventRecord> {
  const select = database.prepare('SELECT record FROM event WHERE id > ? ORDER BY id');
  for (const row of select.iterate(position)) yield recordOf(row);
}

function latestEvents(database: DatabaseSync): readonly EventRecord[] {
  return database
    .prepare(
      `SELECT record FROM event WHERE id IN
         (SELECT max(id) FROM event WHERE live_migration_id IS NOT NULL GROUP BY group_id, live_migration_id)`,
    )
    .all()
    .map(recordOf);
}

function calledBefore(database: DatabaseSync, name: string): readonly MigrationId[] {
  return database
    .prepare(
      `SELECT DISTINCT group_id, live_migration_id FROM event
       WHERE live_migration_id IS NOT NULL AND record ->> '$.migration' = ?`,
    )
    .all(name)
    .map(migrationIdOf);
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

/** Returns the ids of a row that has them. */
export function migrationIdOf(row: Readonly<Record<string, unknown>>): MigrationId {
  return { groupId: String(row.group_id), liveMigrationId: String(row.live_migration_id) };
}

/** Returns the open file in the shape of the newest version; undefined where it was only just created. */
function openForReading(path: string): DatabaseSync | undefined {
  return openExisting(path, presentAsNewest);
}

/**
 * Returns the open file as it is stored, after `prepare` got it with its version; undefined where it was only just
 * created. Throws a StateError when there is no state file, or none that can be read.
 */
export function openExisting(
  path: string,
  prepare?: (database: DatabaseSync, version: number) => void,
): DatabaseSync | undefined {
  if (path === ':memory:')
    throw new StateError('state.path is :memory:, which keeps nothing; set it to the path of a file.');
  const stats = statsOf(path);
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
    if (version > 0) {
      prepare?.(database, version);
      return database;
    }
    database.close();
    return undefined;
  } catch (error) {
    if (database?.isOpen === true) database.close();
    throw asFault(error, path);
  }
}

/** A folder that may not be entered is a fault of the path, as is a name that is too long. */
function statsOf(path: string): Stats | undefined {
  let stats: Stats | undefined;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
    if (stats !== undefined) accessSync(path, constants.R_OK);
    return stats;
  } catch (error) {
    if (faultReason(error) !== 'read_only') throw describeFault(error, path);
    const { why, remedy } = explainUnreadable(errnoOf(error), stats, readSelf());
    throw new StateError(`${path}: ${why}. ${remedy}`, { cause: error, reason: 'read_only' });
  }
}

function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}

/**
 * A reader needs SQLite's log and shared memory beside the file, and makes them where they are missing. But without
 * a log no watcher is running, nothing writes the file, and it can be read as it is.
 */
function readableSource(path: string): string | URL {
  return existsSync(`${path}-wal`) ? path : immutableUrl(path);
}
