import type { DatabaseSync } from 'node:sqlite';
import { StateFileError } from './state-file-error.ts';

/** Marks a file as ours: "cwat" in ASCII. */
const applicationId = 0x63776174;

/** Each entry brings a file from the version of its index to the next one. Entries are never changed, only added. */
const steps: readonly string[] = [
  `CREATE TABLE migration (
     id INTEGER PRIMARY KEY,
     group_id TEXT NOT NULL,
     live_migration_id TEXT NOT NULL,
     state TEXT NOT NULL,
     UNIQUE (group_id, live_migration_id)
   ) STRICT;
   CREATE TABLE event (
     id INTEGER PRIMARY KEY,
     migration TEXT NOT NULL,
     record TEXT NOT NULL,
     kept INTEGER NOT NULL,
     written INTEGER NOT NULL DEFAULT 0
   ) STRICT;
   CREATE INDEX event_outbox ON event (id) WHERE written = 0;
   CREATE INDEX event_migration ON event (migration, id);
   CREATE TABLE lag_sample (
     migration_id INTEGER NOT NULL REFERENCES migration (id),
     observed_at INTEGER NOT NULL,
     lag_time_seconds REAL NOT NULL,
     PRIMARY KEY (migration_id, observed_at)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX lag_sample_age ON lag_sample (observed_at);`,
  // Where a reader of events goes on.
  `CREATE INDEX event_event_id ON event (record ->> '$.eventId') WHERE kept = 1;`,
];

/**
 * Checks that the file is ours, not from a newer version, and sound by `check`, and throws a {@link StateFileError} or
 * SQLite's own error otherwise. Returns the version found; 0 is a new, empty file.
 */
export function inspectSchema(
  database: DatabaseSync,
  path: string,
  check: typeof checkSoundness = checkSoundness,
): number {
  const version = pragma(database, 'user_version');
  const tables = Number(database.prepare('SELECT count(*) AS value FROM sqlite_schema').get()?.value);
  if (tables > 0 && pragma(database, 'application_id') !== applicationId)
    throw new StateFileError(
      `${path}: this is the database of another program. Set state.path to another file; it was not touched.`,
    );
  if (version > steps.length)
    throw new StateFileError(
      `${path}: the state file was written by a newer version of cutover-watch (its schema is ${version}, this version knows ${steps.length}). Run that version, or set state.path to another file; it was not touched.`,
    );
  if (tables > 0) check(database, path);
  return version;
}

/**
 * Checks what is remembered of migrations and the events, and throws a {@link StateFileError} or SQLite's own error
 * when that is damaged. Lag samples are most of a large file: they would take seconds, and SQLite finds damage among
 * them when it comes upon it.
 */
export function checkSoundness(database: DatabaseSync, path: string): void {
  const isSound = (table: string): boolean =>
    database.prepare(`PRAGMA quick_check(${table})`).get()?.quick_check === 'ok';
  if (['migration', 'event'].every(isSound)) return;
  throw new StateFileError(
    `${path}: the state file is damaged. Move it away to start afresh, or restore a copy; it was not touched.`,
  );
}

/** Brings the file from this version to the newest one, in one transaction. */
export function upgradeSchema(database: DatabaseSync, version: number): void {
  if (version === steps.length) return;
  database.exec(
    `BEGIN IMMEDIATE; ${steps.slice(version).join('\n')}
     PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${steps.length}; COMMIT;`,
  );
}

function pragma(database: DatabaseSync, name: 'user_version' | 'application_id'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
