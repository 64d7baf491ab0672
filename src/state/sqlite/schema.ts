import { rmSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { DamagedRecordError, StateError } from '../store.ts';
import { isConstraint, obstructed } from './errors.ts';
import { createClosed, freeBytesAt, immutableUrl } from './files.ts';

/** Marks a file as ours: "cwat" in ASCII. */
const applicationId = 0x63776174;
/** Version of the tables that this program writes. */
export const schemaVersion = 3;
/** In bytes. To copy so much takes some seconds, and the start waits for it. */
const largestCopy = 512 * 1024 * 1024;

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
 * Checks that the file is ours and not from a newer version, and throws a {@link StateError} or SQLite's own error
 * otherwise. Returns the version found; 0 is a new, empty file.
 */
export function inspectSchema(database: DatabaseSync, path: string): number {
  const version = pragma(database, 'user_version');
  const tables = Number(database.prepare('SELECT count(*) AS value FROM sqlite_schema').get()?.value);
  const owner = pragma(database, 'application_id');
  if (owner !== applicationId && (tables > 0 || owner !== 0))
    throw new StateError(
      `${path}: this is the database of another program. Set state.path to another file; it was not touched.`,
    );
  if (version > schemaVersion)
    throw new StateError(
      `${path}: the state file was written by a newer version of cutover-watch (its schema is ${version}, this version knows ${schemaVersion}). Run that version, or set state.path to another file; it was not touched.`,
    );
  return version;
}

/**
 * Does the same with a file that nobody may have to know of it: it takes no lock and leaves nothing beside the file. What
 * only the log has is not seen.
 */
export function inspectFile(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || (stats.isFile() && stats.size === 0)) return;
  if (!stats.isFile()) throw obstructed(path);
  const database = new DatabaseSync(immutableUrl(path), { readOnly: true });
  try {
    inspectSchema(database, path);
  } finally {
    database.close();
  }
}

/**
 * Checks the tables of migrations and events, and throws a {@link StateError} or SQLite's own error where they
 * are damaged. Lag samples are most of a large file: to check them takes seconds, and SQLite finds damage when it
 * reads them.
 */
export function checkIntegrity(database: DatabaseSync, path: string): void {
  const isSound = (table: string): boolean =>
    database.prepare(`PRAGMA quick_check(${table})`).get()?.quick_check === 'ok';
  if (['migration', 'event'].every(isSound)) return;
  throw new StateError(
    `${path}: the state file is damaged. Move it away to start over, or restore a copy; it was not touched.`,
  );
}

/**
 * Keeps a copy of a file of a former version beside it before it is brought up to date: that version cannot read it
 * afterwards. A file that is very large, or of which a copy would fill the disk, is not copied. Returns a sentence for
 * people that says where the copy is; undefined where the file is of this version.
 */
export function keepFormer(database: DatabaseSync, path: string, version: number): string | undefined {
  if (version === schemaVersion) return undefined;
  const upgraded = `${path}: the format of the state file was brought from schema ${version} to ${schemaVersion}, which a former version of cutover-watch cannot read.`;
  const bytes = pragma(database, 'page_count') * pragma(database, 'page_size');
  if (bytes > largestCopy || 2 * bytes > freeBytesAt(path))
    return `${upgraded} No copy of the former file was kept, because it is larger than 512 MB or its disk has no room for two.`;
  const copy = `${path}.schema-${version}`;
  rmSync(copy, { force: true });
  createClosed(copy, path);
  database.prepare('VACUUM INTO ?').run(copy);
  return `${upgraded} The former file is kept as ${copy}: to go back to that version, put it in the place of the state file; otherwise delete it.`;
}

/** Brings the file from this version to the newest one, in one transaction. */
export function upgradeSchema(database: DatabaseSync, version: number): void {
  if (version === schemaVersion) return;
  const steps = version === 0 ? [migrationTable, eventTables, eventIndexes, sampleTable].join('') : upgrade;
  try {
    database.exec(
      `BEGIN IMMEDIATE; ${steps}
       PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}; COMMIT;`,
    );
  } catch (error) {
    if (isConstraint(error)) throw new DamagedRecordError('an event is not valid', { cause: error });
    throw error;
  }
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

function pragma(
  database: DatabaseSync,
  name: 'user_version' | 'application_id' | 'page_count' | 'page_size',
): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
