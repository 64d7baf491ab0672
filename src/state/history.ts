import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { EventRecord } from '../events/event-record.ts';
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
    database = new DatabaseSync(readableSource(path), { readOnly: true, timeout: 5000 });
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

/**
 * A reader needs SQLite's log and shared memory beside the file. Where no watcher has left them and this user may
 * not make them, nothing writes the file either, and it can be read as it lies there.
 */
function readableSource(path: string): string | URL {
  if (existsSync(`${path}-wal`)) return path;
  try {
    accessSync(dirname(path), constants.W_OK);
    return path;
  } catch {
    const url = pathToFileURL(path);
    url.searchParams.set('immutable', '1');
    return url;
  }
}
