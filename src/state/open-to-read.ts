import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

/** How long a reader waits for a lock, in ms: a watcher holds one only while it commits. */
const lockWaitMs = 5000;

/**
 * Opens a state file that is there, beside a running watcher or without one, and leaves nothing behind: files of
 * another user would shut the watcher out. Throws SQLite's own error.
 */
export function openToRead(path: string): DatabaseSync {
  return new DatabaseSync(readableSource(path), { readOnly: true, timeout: lockWaitMs });
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
