import { DatabaseSync } from 'node:sqlite';
import { catalogue } from '../events/catalogue.ts';
import type { EventRecord } from '../events/event-record.ts';
import { freeBytesAt, logLimitPages } from './log-limit.ts';
import type { MigrationState } from './migration-state.ts';
import { checkSoundness, inspectSchema, upgradeSchema } from './schema.ts';
import type { Batch, LagSample, Store } from './store.ts';

/** One open connection to the state file, without a thought for the file's fate. */
export interface StateDatabase extends Omit<Store, 'path' | 'refresh'> {
  /** Sets how long to wait for a lock that another program holds. */
  waitForLocks(ms: number): void;
  /** Moves everything from the log beside the file into the file itself. */
  checkpoint(): void;
}

/**
 * Opens the file, or makes it, and brings it up to date. Throws when it is no sound state file; `check` is how to look
 * whether it is sound.
 */
export function openStateDatabase(
  path: string,
  lockWaitMs: number,
  check: typeof checkSoundness = checkSoundness,
): StateDatabase {
  const database = new DatabaseSync(path, { timeout: lockWaitMs });
  try {
    const version = inspectSchema(database, path, check);
    // A commit survives the end of the process at once and a power cut as of the last checkpoint; a transition
    // lost to a power cut is found again by the next poll, under the same event id.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    if (path !== ':memory:') database.exec(`PRAGMA wal_autocheckpoint = ${logLimitPages(freeBytesAt(path))}`);
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
     ON CONFLICT (group_id, live_migration_id) DO UPDATE SET state = excluded.state`,
  );
  const insertEvent = database.prepare(
    'INSERT INTO event (migration, record, kept, written) VALUES (?, ?, ?, ?)',
  );
  const insertSample = database.prepare(
    `INSERT OR REPLACE INTO lag_sample
     SELECT id, ?, ? FROM migration WHERE group_id = ? AND live_migration_id = ?`,
  );
  const selectUnwritten = database.prepare(
    'SELECT id, record FROM event WHERE written = 0 AND id > ? ORDER BY id LIMIT ?',
  );
  const setWritten = database.prepare('UPDATE event SET written = 1 WHERE id = ?');
  const deleteUnkept = database.prepare('DELETE FROM event WHERE id = ? AND kept = 0');
  const samplesOf = `SELECT observed_at, lag_time_seconds FROM lag_sample
     WHERE migration_id = (SELECT id FROM migration WHERE group_id = ? AND live_migration_id = ?) AND observed_at >= ?`;
  const selectSamples = database.prepare(`${samplesOf} ORDER BY observed_at LIMIT ?`);
  const selectLatestSamples = database.prepare(`${samplesOf} ORDER BY observed_at DESC LIMIT ?`);
  const selectPosition = database.prepare(
    "SELECT max(id) AS id FROM event WHERE kept = 1 AND record ->> '$.eventId' = ?",
  );
  const selectEvents = database.prepare(
    'SELECT record FROM event WHERE kept = 1 AND id > ? ORDER BY id LIMIT ?',
  );
  const selectLatest = database.prepare('SELECT record FROM event WHERE kept = 1 ORDER BY id DESC LIMIT ?');
  const selectLatestOf = database.prepare(
    'SELECT record FROM event WHERE kept = 1 AND migration = ? ORDER BY id DESC LIMIT ?',
  );
  const deleteSamples = database.prepare(
    `DELETE FROM lag_sample WHERE (migration_id, observed_at) IN
     (SELECT migration_id, observed_at FROM lag_sample WHERE observed_at < ? ORDER BY observed_at LIMIT ?)`,
  );

  function markWritten(id: number): void {
    setWritten.run(id);
    deleteUnkept.run(id);
  }

  function store({ states, samples, events, written }: Batch): number[] {
    for (const { groupId, liveMigrationId, state } of states)
      upsertState.run(groupId, liveMigrationId, JSON.stringify(state));
    for (const { groupId, liveMigrationId, observedAt, lagTimeSeconds } of samples)
      insertSample.run(observedAt, lagTimeSeconds, groupId, liveMigrationId);
    for (const id of written) markWritten(id);
    return events.map((event) => {
      const { record } = event;
      const kept = catalogue[record.event].kept === false ? 0 : 1;
      const flags = [kept, event.written ? 1 : 0] as const;
      const { lastInsertRowid } = insertEvent.run(String(record.migration), JSON.stringify(record), ...flags);
      return Number(lastInsertRowid);
    });
  }

  return {
    load: (groupId, liveMigrationId) => {
      const row = selectState.get(groupId, liveMigrationId);
      return row === undefined ? undefined : (JSON.parse(String(row.state)) as MigrationState);
    },
    // A negative limit is none ("SELECT", SQLite documentation).
    samples: (groupId, liveMigrationId, since, limit = -1) =>
      selectSamples.all(groupId, liveMigrationId, since, limit).map(sampleOf),
    latestSamples: (groupId, liveMigrationId, since, limit) =>
      selectLatestSamples.all(groupId, liveMigrationId, since, limit).map(sampleOf).toReversed(),
    eventsAfter: (eventId, limit) => {
      const position = eventId === undefined ? 0 : selectPosition.get(eventId)?.id;
      return typeof position === 'number' ? selectEvents.all(position, limit).map(recordOf) : undefined;
    },
    latestEvents: (limit, migration) =>
      (migration === undefined ? selectLatest.all(limit) : selectLatestOf.all(migration, limit))
        .map(recordOf)
        .toReversed(),
    commit: (batch) => transaction(database, () => store(batch)),
    unwritten: (limit, after = 0) =>
      selectUnwritten.all(after, limit).map((row) => ({
        id: Number(row.id),
        record: recordOf(row),
      })),
    pruneSamples: (before, limit) => void deleteSamples.run(before, limit),
    waitForLocks: (ms) => database.exec(`PRAGMA busy_timeout = ${ms}`),
    checkpoint: () => database.exec('PRAGMA wal_checkpoint(TRUNCATE)'),
    close: () => database.close(),
  };
}

function recordOf({ record }: Readonly<Record<string, unknown>>): EventRecord {
  return JSON.parse(String(record)) as EventRecord;
}

function sampleOf(row: Readonly<Record<string, unknown>>): LagSample {
  return { observedAt: Number(row.observed_at), lagTimeSeconds: Number(row.lag_time_seconds) };
}

function transaction<Result>(database: DatabaseSync, work: () => Result): Result {
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
