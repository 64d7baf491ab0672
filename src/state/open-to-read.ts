import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { inspectSchema } from './schema.ts';
import { describeOpenError, StateFileError } from './state-file-error.ts';

/** How long a reader waits for a lock, in ms: a watcher holds one only while it commits. */
const lockWaitMs = 5000;

/**
 * Yields the rows that `select` finds in a state file; none in one that the watcher has only just made. It only reads,
 * beside a running watcher or without one, and leaves nothing behind: files of another user would shut the watcher
 * out. Throws a StateFileError when there is no state file, or none that can be read.
 */
export function* readRows<Row>(
  path: string,
  select: (database: DatabaseSync) => Iterable<Row>,
): Generator<Row> {
  if (path === ':memory:')
    throw new StateFileError('state.path is :memory:, which keeps nothing; set it to the path of a file.');
  if (!existsSync(path))
    throw new StateFileError(
      `${path}: there is no state file yet. It is made by cutover-watch run; check state.path if one is running.`,
    );
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(readableSource(path), { readOnly: true, timeout: lockWaitMs });
    if (inspectSchema(database, path) > 0) yield* select(database);
  } catch (error) {
    throw describeOpenError(error, path);
  } finally {
    database?.close();
  }
}

/**
 * A reader needs SQLite's log and shared memory beside the file, and makes them where they are not. But without a
 * log no watcher is running, nothing writes the file, and it can be read as it lies there.
 */
function readableSource(path: string): string | URL {
  if (existsSync(`${path}-wal`)) return path;
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  return url;
}
