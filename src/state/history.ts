import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { EventRecord } from '../events/event-record.ts';
import { openToRead } from './open-to-read.ts';
import { inspectSchema } from './schema.ts';
import { describeOpenError, StateFileError } from './state-file-error.ts';

/**
 * Yields the recorded events, oldest first; of one migration when a name is given. It only reads, so it works
 * beside a running watcher. Throws a StateFileError when there is no state file, or none that can be read.
 */
export function* readHistory(path: string, migration?: string): Generator<EventRecord> {
  if (!existsSync(path))
    throw new StateFileError(
      `${path}: there is no state file yet. It is made by cutover-watch run; check state.path if one is running.`,
    );
  let database: DatabaseSync | undefined;
  try {
    database = openToRead(path);
    if (inspectSchema(database, path) === 0) return;
    const select = database.prepare(
      'SELECT record FROM event WHERE kept = 1 AND (? IS NULL OR migration = ?) ORDER BY id',
    );
    for (const row of select.iterate(migration ?? null, migration ?? null))
      yield JSON.parse(String(row.record)) as EventRecord;
  } catch (error) {
    throw describeOpenError(error, path);
  } finally {
    database?.close();
  }
}
