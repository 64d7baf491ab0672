import { DatabaseSync } from 'node:sqlite';
import type { MigrationId } from '../../atlas/migration-resource.ts';
import type { EventRecord } from '../../events/event-record.ts';
import { readState, type ScopeOutage } from '../migration-state.ts';
import type { Batch, LogEntry, RecordedState } from '../store.ts';
import { freeBytesAt, walLimitPages } from './files.ts';
import { type SampleTable, sampleTable } from './samples.ts';
import { type checkIntegrity, inspectSchema, upgradeSchema } from './schema.ts';

/** One open connection to the state file. */
export interface StateDatabase {
  readonly samples: Omit<SampleTable, 'insert' | 'maintain'>;
  states(migrations: readonly MigrationId[]): readonly RecordedState[];
  outages(): readonly ScopeOutage[];
  cursor(sink: string): number;
  /** Returns the position of the latest event; 0 where there is none. */
  lastPosition(): number;
  eventsFrom(position: number, limit: number): readonly LogEntry[];
  eventsAfter(eventId: string | undefined, limit: number): readonly EventRecord[] | undefined;
  latestEvents(limit: number, migration?: MigrationId): readonly EventRecord[];
  /** Stores all of the batch or nothing, and returns the positions of its events. */
  commit(batch: Batch): { readonly first: number; readonly last: number } | undefined;
  maintain(now: number): void;
  /** Sets how long to wait for a lock that another program holds. */
  waitForLocks(ms: number): void;
  /** Moves everything from the write-ahead log into the file itself. */
  checkpoint(): void;
  /** May be called more than once. */
  close(): void;
}

/** Events of one migration, its project and the account, each by the index. */
export const eventsOfMigration = [
  'group_id = ?1 AND live_migration_id = ?2',
  'group_id = ?1 AND live_migration_id IS NULL',
  'group_id IS NULL AND live_migration_id IS NULL',
];

/**
 * Opens the file, or creates it, and brings it up to date. Throws when it is not a sound state file; `check` decides
 * whether it is sound.
 */
export function openStateDatabase(
  path: string,
  lockWaitMs: number,
  check?: typeof checkIntegrity,
): StateDatabase {
  const database = new DatabaseSync(path, { timeout: lockWaitMs });
  try {
    const version = inspectSchema(database, path, check);
    // A commit survives the end of the process at once, and a power cut from the next checkpoint on; a transition
    // that is lost to a power cut is found again by the next poll.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    if (path !== ':memory:') database.exec(`PRAGMA wal_autocheckpoint = ${walLimitPages(freeBytesAt(path))}`);
    upgradeSchema(database, version);
    return prepare(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

function prepare(database: DatabaseSync): StateDatabase {
  const samples = sampleTable(database);
  const selectState = database.prepare(
    'SELECT state FROM migration WHERE group_id = ? AND live_migration_id = ?',
  );
  const upsertState = database.prepare(
    `INSERT INTO migration (group_id, live_migration_id, state) VALUES (?, ?, ?)
     ON CONFLICT (group_id, live_migration_id) DO UPDATE SET state = excluded.state`,
  );
  const selectOutages = database.prepare('SELECT state FROM outage ORDER BY scope');
  const upsertOutage = database.prepare('INSERT OR REPLACE INTO outage (scope, state) VALUES (?, ?)');
  const deleteOutage = database.prepare('DELETE FROM outage WHERE scope = ?');
  const selectCursor = database.prepare('SELECT position FROM cursor WHERE sink = ?');
  const upsertCursor = database.prepare(
    `INSERT INTO cursor (sink, position) VALUES (?, ?)
     ON CONFLICT (sink) DO UPDATE SET position = excluded.position WHERE position <> excluded.position`,
  );
  const insertEvent = database.prepare(
    'INSERT INTO event (event_id, group_id, live_migration_id, record) VALUES (?, ?, ?, ?)',
  );
  const selectLastPosition = database.prepare('SELECT max(id) AS id FROM event');
  const selectPosition = database.prepare('SELECT max(id) AS id FROM event WHERE event_id = ?');
  const selectEvents = database.prepare('SELECT id, record FROM event WHERE id >= ? ORDER BY id LIMIT ?');
  const selectLatest = database.prepare('SELECT record FROM event ORDER BY id DESC LIMIT ?');
  const selectLatestOf = database.prepare(
    `SELECT record FROM (${eventsOfMigration
      .map((where) => `SELECT * FROM (SELECT id, record FROM event WHERE ${where} ORDER BY id DESC LIMIT ?3)`)
      .join(' UNION ALL ')}) ORDER BY id DESC LIMIT ?3`,
  );

  function append(record: EventRecord): number {
    const { eventId, groupId, liveMigrationId } = record;
    const keys = [textOf(groupId), textOf(liveMigrationId)] as const;
    return Number(insertEvent.run(String(eventId), ...keys, JSON.stringify(record)).lastInsertRowid);
  }

  function store(batch: Batch): ReturnType<StateDatabase['commit']> {
    for (const { groupId, liveMigrationId, state } of batch.states)
      upsertState.run(groupId, liveMigrationId, JSON.stringify(state));
    for (const { key, outage } of batch.outages)
      if (outage === undefined) deleteOutage.run(key);
      else upsertOutage.run(key, JSON.stringify(outage));
    for (const sample of batch.samples) samples.insert(sample, sample);
    for (const { sink, position } of batch.cursors) upsertCursor.run(sink, position);
    const positions = batch.events.map(append);
    const [first] = positions;
    return first === undefined ? undefined : { first, last: first + positions.length - 1 };
  }

  return {
    samples,
    states: (migrations) =>
      migrations.flatMap(({ groupId, liveMigrationId }) => {
        const row = selectState.get(groupId, liveMigrationId);
        return row === undefined ? [] : [{ groupId, liveMigrationId, state: readState(String(row.state)) }];
      }),
    outages: () => selectOutages.all().map(({ state }) => JSON.parse(String(state)) as ScopeOutage),
    cursor: (sink) => Number(selectCursor.get(sink)?.position ?? 0),
    lastPosition: () => Number(selectLastPosition.get()?.id ?? 0),
    eventsFrom: (position, limit) =>
      selectEvents.all(position, limit).map((row) => ({ position: Number(row.id), record: recordOf(row) })),
    eventsAfter: (eventId, limit) => {
      const position = eventId === undefined ? 0 : selectPosition.get(eventId)?.id;
      return typeof position === 'number' ? selectEvents.all(position + 1, limit).map(recordOf) : undefined;
    },
    latestEvents: (limit, migration) =>
      (migration === undefined
        ? selectLatest.all(limit)
        : selectLatestOf.all(migration.groupId, migration.liveMigrationId, limit)
      )
        .map(recordOf)
        .toReversed(),
    commit: (batch) => transaction(database, () => store(batch)),
    maintain: (now) => transaction(database, () => samples.maintain(now)),
    waitForLocks: (ms) => database.exec(`PRAGMA busy_timeout = ${ms}`),
    checkpoint: () => database.exec('PRAGMA wal_checkpoint(TRUNCATE)'),
    close: () => {
      if (database.isOpen) database.close();
    },
  };
}

/** Returns the event of a row with its record. */
export function recordOf({ record }: Readonly<Record<string, unknown>>): EventRecord {
  return JSON.parse(String(record)) as EventRecord;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
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
