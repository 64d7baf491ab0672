import type { DatabaseSync } from 'node:sqlite';
import { StateFileError } from '../store.ts';

/** Marks a file as ours: "cwat" in ASCII. */
const applicationId = 0x63776174;
const schemaVersion = 3;

const migrationTable = `
  CREATE TABLE migration (
    id INTEGER PRIMARY KEY,
    group_id TEXT NOT NULL,
    live_migration_id TEXT NOT NULL,
    state TEXT NOT NULL,
    UNIQUE (group_id, live_migration_id)
  ) STRICT;`;

/** The primary key of an event is its position. An event of a scope has no migration, one of the account no project. */
const eventTables = `
  CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL,
    group_id TEXT,
    live_migration_id TEXT,
    record TEXT NOT NULL
  ) STRICT;
  CREATE TABLE cursor (sink TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE outage (scope TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;`;

const eventIndexes = `
  CREATE INDEX event_event_id ON event (event_id);
  CREATE INDEX event_migration ON event (group_id, live_migration_id, id);`;

/** `lowest` and `highest` are those of a sample that stands for several. */
const sampleTable = `
  CREATE TABLE lag_sample (
    migration_id INTEGER NOT NULL REFERENCES migration (id),
    observed_at INTEGER NOT NULL,
    lag_time_seconds REAL NOT NULL,
    lowest REAL,
    highest REAL,
    PRIMARY KEY (migration_id, observed_at)
  ) STRICT, WITHOUT ROWID;`;

/** Columns of events in files of schema 1 and 2; `kept` was 0 for what was stored only until it was written. */
const formerEvents = `
  SELECT id, record ->> '$.eventId' AS event_id, record ->> '$.groupId' AS group_id,
    record ->> '$.liveMigrationId' AS live_migration_id, record
  FROM main.%s WHERE kept = 1`;

/**
 * From schema 1 or 2, which differ in an index only. New positions follow the last one, so the cursor must not lie
 * behind it. Samples stay where they are: a large file has hundreds of millions of them.
 */
const upgrade = `
  DROP INDEX event_outbox;
  DROP INDEX event_migration;
  DROP INDEX IF EXISTS event_event_id;
  DROP INDEX lag_sample_age;
  ALTER TABLE event RENAME TO former_event;
  ${eventTables}
  INSERT INTO event ${formerEvents.replace('%s', 'former_event')} ORDER BY id;
  INSERT INTO cursor SELECT 'stdout', coalesce(
    (SELECT min(id) - 1 FROM former_event WHERE kept = 1 AND written = 0), (SELECT max(id) FROM event), 0);
  DROP TABLE former_event;
  ${eventIndexes}
  ALTER TABLE lag_sample ADD COLUMN lowest REAL;
  ALTER TABLE lag_sample ADD COLUMN highest REAL;`;

/**
 * Checks that the file is ours, not from a newer version, and sound by `check`, and throws a {@link StateFileError} or
 * SQLite's own error otherwise. Returns the version found; 0 is a new, empty file.
 */
export function inspectSchema(
  database: DatabaseSync,
  path: string,
  check: typeof checkIntegrity = checkIntegrity,
): number {
  const version = pragma(database, 'user_version');
  const tables = Number(database.prepare('SELECT count(*) AS value FROM sqlite_schema').get()?.value);
  if (tables > 0 && pragma(database, 'application_id') !== applicationId)
    throw new StateFileError(
      `${path}: this is the database of another program. Set state.path to another file; it was not touched.`,
    );
  if (version > schemaVersion)
    throw new StateFileError(
      `${path}: the state file was written by a newer version of cutover-watch (its schema is ${version}, this version knows ${schemaVersion}). Run that version, or set state.path to another file; it was not touched.`,
    );
  if (tables > 0) check(database, path);
  return version;
}

/**
 * Checks the tables of migrations and events, and throws a {@link StateFileError} or SQLite's own error where they
 * are damaged. Lag samples are most of a large file: to check them takes seconds, and SQLite finds damage when it
 * reads them.
 */
export function checkIntegrity(database: DatabaseSync, path: string): void {
  const isSound = (table: string): boolean =>
    database.prepare(`PRAGMA quick_check(${table})`).get()?.quick_check === 'ok';
  if (['migration', 'event'].every(isSound)) return;
  throw new StateFileError(
    `${path}: the state file is damaged. Move it away to start over, or restore a copy; it was not touched.`,
  );
}

/** Brings the file from this version to the newest one, in one transaction. */
export function upgradeSchema(database: DatabaseSync, version: number): void {
  if (version === schemaVersion) return;
  const steps = version === 0 ? [migrationTable, eventTables, eventIndexes, sampleTable].join('') : upgrade;
  database.exec(
    `BEGIN IMMEDIATE; ${steps}
     PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}; COMMIT;`,
  );
}

/** Lets a connection that cannot write see a file of this version in the shape of the newest one. */
export function presentAsNewest(database: DatabaseSync, version: number): void {
  if (version === schemaVersion) return;
  database.exec(
    `PRAGMA temp_store = MEMORY;
     CREATE TEMP VIEW event AS ${formerEvents.replace('%s', 'event')};
     CREATE TEMP VIEW lag_sample AS SELECT *, NULL AS lowest, NULL AS highest FROM main.lag_sample;`,
  );
}

function pragma(database: DatabaseSync, name: 'user_version' | 'application_id'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
