import { DatabaseSync } from 'node:sqlite';
import type { MigrationId } from '../../atlas/migration-resource.ts';
import { type ScopeOutage, scopeKey } from '../migration-state.ts';
import { readOutage, readState } from '../record-schema.ts';
import {
  type Batch,
  type Cursor,
  DamagedRecordError,
  type RecordedState,
  type StoredRequest,
} from '../store.ts';
import { createDeliveryTable, cursorTable } from './cursors.ts';
import { type EventTable, eventTable } from './events.ts';
import { checkWritable, createClosed, freeBytesAt, walLimitPages } from './files.ts';
import { createRequestTable, requestTable } from './requests.ts';
import { type SampleTable, sampleTable } from './samples.ts';
import { checkIntegrity, inspectSchema, keepFormer, upgradeSchema } from './schema.ts';

/** One open connection to the state file. */
export interface StateDatabase {
  readonly samples: Pick<SampleTable, 'since' | 'latest' | 'some'>;
  readonly events: Pick<EventTable, 'lastPosition' | 'from' | 'named' | 'after' | 'latest'>;
  states(migrations: readonly MigrationId[]): readonly RecordedState[];
  outages(): readonly ScopeOutage[];
  /** Returns the cursors of all sinks, each at most at the last position. */
  cursors(): readonly Cursor[];
  /** Returns the oldest requests that wait. */
  requests(): readonly StoredRequest[];
  /** Stores all of the batch or nothing, and returns the positions of its events. */
  commit(batch: Batch): { readonly first: number; readonly last: number } | undefined;
  /** Throws a {@link DamagedRecordError} where a sink or the loop could not go on with what is stored. */
  checkRecords(): void;
  maintain(now: number): void;
  /** Sets how long to wait for a lock that another program holds. */
  waitForLocks(ms: number): void;
  /** Moves everything from the write-ahead log into the file itself. */
  checkpoint(): void;
  /** May be called more than once. */
  close(): void;
}

export interface DatabaseOptions {
  /** Throws where the pages of the file are not sound. */
  readonly check?: (database: DatabaseSync, path: string) => void;
  /** Gets a sentence for people about a file of a former version, after it was brought up to date. */
  readonly onUpgraded?: ((sentence: string) => void) | undefined;
}

/**
 * Opens the file, or creates it, and brings it up to date. Throws when it is not a sound state file that can be
 * written.
 */
export function openStateDatabase(
  path: string,
  lockWaitMs: number,
  { check = checkIntegrity, onUpgraded }: DatabaseOptions = {},
): StateDatabase {
  const isFile = path !== ':memory:';
  if (isFile) createClosed(path);
  const database = new DatabaseSync(path, { timeout: lockWaitMs });
  try {
    const version = inspectSchema(database, path);
    if (version > 0) check(database, path);
    // A commit survives the end of the process at once, and a power cut from the next checkpoint on; a transition
    // that is lost to a power cut is found again by the next poll.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    if (isFile) database.exec(`PRAGMA wal_autocheckpoint = ${walLimitPages(freeBytesAt(path))}`);
    const upgraded = isFile && version > 0 ? keepFormer(database, path, version) : undefined;
    upgradeSchema(database, version);
    if (upgraded !== undefined) onUpgraded?.(upgraded);
    createRequestTable(database);
    createDeliveryTable(database);
    if (isFile) checkWritable(path);
    const prepared = prepare(database);
    prepared.checkRecords();
    return prepared;
  } catch (error) {
    database.close();
    throw error;
  }
}

function prepare(database: DatabaseSync): StateDatabase {
  const samples = sampleTable(database);
  const events = eventTable(database);
  const requests = requestTable(database);
  const cursors = cursorTable(database);
  const selectState = database.prepare(
    'SELECT state FROM migration WHERE group_id = ? AND live_migration_id = ?',
  );
  const upsertState = database.prepare(
    `INSERT INTO migration (group_id, live_migration_id, state) VALUES (?, ?, ?)
     ON CONFLICT (group_id, live_migration_id) DO UPDATE SET state = excluded.state`,
  );
  const selectOutages = database.prepare('SELECT scope, state FROM outage ORDER BY scope');
  const upsertOutage = database.prepare('INSERT OR REPLACE INTO outage (scope, state) VALUES (?, ?)');
  const deleteOutage = database.prepare('DELETE FROM outage WHERE scope = ?');
  function store(batch: Batch): ReturnType<StateDatabase['commit']> {
    for (const { groupId, liveMigrationId, state } of batch.states)
      upsertState.run(groupId, liveMigrationId, JSON.stringify(state));
    for (const { key, outage } of batch.outages)
      if (outage === undefined) deleteOutage.run(key);
      else upsertOutage.run(key, JSON.stringify(outage));
    for (const sample of batch.samples) samples.insert(sample, sample);
    for (const cursor of batch.cursors) cursors.set(cursor);
    for (const sink of batch.removedSinks ?? []) cursors.remove(sink);
    for (const id of batch.requests ?? []) requests.remove(id);
    const positions = batch.events.map((record) => events.append(record));
    const [first] = positions;
    return first === undefined ? undefined : { first, last: first + positions.length - 1 };
  }

  function outages(): readonly ScopeOutage[] {
    return selectOutages.all().map(({ scope, state }) => {
      const outage = readOutage(state);
      if (scopeKey(outage) === scope) return outage;
      throw new DamagedRecordError('an outage is not valid at scope');
    });
  }

  return {
    samples,
    events,
    states: (migrations) =>
      migrations.flatMap(({ groupId, liveMigrationId }) => {
        const row = selectState.get(groupId, liveMigrationId);
        return row === undefined ? [] : [{ groupId, liveMigrationId, state: readState(row.state) }];
      }),
    outages,
    cursors: () => cursors.all(events.lastPosition()),
    requests: requests.oldest,
    checkRecords() {
      cursors.all(events.lastPosition());
      outages();
      events.checkUndelivered();
      samples.checkTimes();
    },
    commit: (batch) => transaction(database, () => store(batch)),
    maintain: (now) =>
      transaction(database, () => samples.maintain(now, (migration) => events.prune(migration))),
    waitForLocks: (ms) => database.exec(`PRAGMA busy_timeout = ${ms}`),
    checkpoint: () => database.exec('PRAGMA wal_checkpoint(TRUNCATE)'),
    close: () => {
      if (database.isOpen) database.close();
    },
  };
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
