import type { DatabaseSync } from 'node:sqlite';
import type { EventRecord } from '../events/event-record.ts';
import { readRows } from './open-to-read.ts';

/**
 * Yields the recorded events, oldest first; of one migration when a name is given. It only reads, so it works
 * beside a running watcher. Throws a StateFileError when there is no state file, or none that can be read.
 */
export function readHistory(path: string, migration?: string): Generator<EventRecord> {
  return readRows(path, (database) => selectEvents(database, migration ?? null));
}

function* selectEvents(database: DatabaseSync, migration: string | null): Generator<EventRecord> {
  const select = database.prepare(
    'SELECT record FROM event WHERE kept = 1 AND (? IS NULL OR migration = ?) ORDER BY id',
  );
  for (const row of select.iterate(migration, migration)) yield JSON.parse(String(row.record)) as EventRecord;
}
