import type { DatabaseSync } from 'node:sqlite';
import { readRequest } from '../record-schema.ts';
import { requestsAtOnce } from '../retention.ts';
import type { StoredRequest } from '../store.ts';

/**
 * Creates the table where commands leave requests for the watcher. It needs no new version of the file: a version that
 * does not know the table leaves it alone.
 */
export function createRequestTable(database: DatabaseSync): void {
  database.exec('CREATE TABLE IF NOT EXISTS request (id TEXT PRIMARY KEY, request TEXT NOT NULL) STRICT');
}

/** Prepares the statements of the watcher for requests. */
export function requestTable(database: DatabaseSync) {
  const select = database.prepare(`SELECT id, request FROM request ORDER BY rowid LIMIT ${requestsAtOnce}`);
  const remove = database.prepare('DELETE FROM request WHERE id = ?');
  return {
    /** Returns the oldest requests, in the order in which they were left. */
    oldest: (): readonly StoredRequest[] =>
      select.all().map((row) => ({ id: String(row.id), request: readRequest(row.request) })),
    remove(id: string): void {
      remove.run(id);
    },
  };
}
