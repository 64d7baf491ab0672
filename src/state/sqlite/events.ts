import type { DatabaseSync } from 'node:sqlite';
import type { MigrationId } from '../../atlas/migration-resource.ts';
import type { EventRecord } from '../../events/event-record.ts';
import { readEvent } from '../record-schema.ts';
import { deletedPerCall, keptEvents } from '../retention.ts';
import { DamagedRecordError, type FoundEvents, type LogEntry } from '../store.ts';

/** The event log of the state file. */
export interface EventTable {
  /** Returns the position of the latest event; 0 where there is none. */
  lastPosition(): number;
  from(position: number, limit: number): readonly LogEntry[];
  /** Looks for events of these names among the next `rows` rows after a position. */
  named(names: readonly string[], position: number, rows: number): FoundEvents;
  after(eventId: string | undefined, limit: number): readonly EventRecord[] | undefined;
  latest(limit: number, migration?: MigrationId): readonly EventRecord[];
  /** Returns the position of the new event. */
  append(record: EventRecord): number;
  /** Deletes the oldest events of a migration, of its project and of the account beyond what is kept of each. */
  prune(migration: MigrationId): void;
  /** Throws a {@link DamagedRecordError} where an event that a sink has not delivered yet cannot be used. */
  checkUndelivered(): void;
}

/** Positions are numbers: beyond this, the next ones would not be exact. */
const lastExactPosition = 2 ** 52;

/** Events of one migration, its project and the account, each by the index. */
export const eventsOfMigration = [
  'group_id = ?1 AND live_migration_id = ?2',
  'group_id = ?1 AND live_migration_id IS NULL',
  'group_id IS NULL AND live_migration_id IS NULL',
];

/** Prepares the statements for events. */
export function eventTable(database: DatabaseSync, kept = keptEvents): EventTable {
  const insert = database.prepare(
    'INSERT INTO event (event_id, group_id, live_migration_id, record) VALUES (?, ?, ?, ?)',
  );
  const selectLastPosition = database.prepare('SELECT max(id) AS id FROM event');
  const selectPosition = database.prepare('SELECT max(id) AS id FROM event WHERE event_id = ?');
  const selectFrom = database.prepare('SELECT id, record FROM event WHERE id >= ? ORDER BY id LIMIT ?');
  const selectNextPosition = database.prepare(
    'SELECT max(id) AS id FROM (SELECT id FROM event WHERE id > ? ORDER BY id LIMIT ?)',
  );
  const selectNamed = database.prepare(
    `SELECT id, record FROM event WHERE id > ? AND id <= ?
       AND record ->> '$.event' IN (SELECT value FROM json_each(?)) ORDER BY id`,
  );
  const selectLatest = database.prepare('SELECT record FROM event ORDER BY id DESC LIMIT ?');
  const selectLatestOf = database.prepare(
    `SELECT record FROM (${eventsOfMigration
      .map((where) => `SELECT * FROM (SELECT id, record FROM event WHERE ${where} ORDER BY id DESC LIMIT ?3)`)
      .join(' UNION ALL ')}) ORDER BY id DESC LIMIT ?3`,
  );
  const selectUndelivered = database.prepare(
    'SELECT record FROM event WHERE id > (SELECT min(position) FROM cursor)',
  );
  // No event goes before every sink has delivered it.
  const prunes = eventsOfMigration.map((where) =>
    database.prepare(
      `DELETE FROM event WHERE id IN (
         SELECT id FROM event
         WHERE ${where} AND id <= (SELECT id FROM event WHERE ${where} ORDER BY id DESC LIMIT 1 OFFSET ${kept})
           AND id <= (SELECT coalesce(min(position), 0) FROM cursor)
         ORDER BY id LIMIT ${deletedPerCall})`,
    ),
  );
  const parameters = [[0, 1], [0], []];

  return {
    lastPosition() {
      const position = Number(selectLastPosition.get()?.id ?? 0);
      if (position > lastExactPosition) throw new DamagedRecordError('the position of an event is not valid');
      return position;
    },
    from: (position, limit) => selectFrom.all(position, limit).map(entryOf),
    named(names, position, rows) {
      const searchedTo = Number(selectNextPosition.get(position, rows)?.id ?? position);
      const found = selectNamed.all(position, searchedTo, JSON.stringify(names));
      return { entries: found.map(entryOf), searchedTo };
    },
    after(eventId, limit) {
      const position = eventId === undefined ? 0 : selectPosition.get(eventId)?.id;
      return typeof position === 'number' ? selectFrom.all(position + 1, limit).map(recordOf) : undefined;
    },
    latest: (limit, migration) =>
      (migration === undefined
        ? selectLatest.all(limit)
        : selectLatestOf.all(migration.groupId, migration.liveMigrationId, limit)
      )
        .map(recordOf)
        .toReversed(),
    append(record) {
      const { eventId, groupId, liveMigrationId } = record;
      const keys = [textOf(groupId), textOf(liveMigrationId)] as const;
      return Number(insert.run(String(eventId), ...keys, JSON.stringify(record)).lastInsertRowid);
    },
    prune({ groupId, liveMigrationId }) {
      const keys = [groupId, liveMigrationId];
      for (const [index, prune] of prunes.entries())
        prune.run(...(parameters[index] ?? []).flatMap((parameter) => keys[parameter] ?? []));
    },
    checkUndelivered() {
      for (const row of selectUndelivered.iterate()) recordOf(row);
    },
  };
}

function entryOf(row: Readonly<Record<string, unknown>>): LogEntry {
  return { position: Number(row.id), record: recordOf(row) };
}

/** Returns the event of a row with its record. Throws a {@link DamagedRecordError} where it is not valid. */
export function recordOf({ record }: Readonly<Record<string, unknown>>): EventRecord {
  return readEvent(record);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
