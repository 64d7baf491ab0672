import type { DatabaseSync } from 'node:sqlite';
import { readDelivery } from '../record-schema.ts';
import type { Cursor } from '../store.ts';

/**
 * Creates the table of what is kept beside the cursors. It needs no new version of the file: a version that does not
 * know the table leaves it alone.
 */
export function createDeliveryTable(database: DatabaseSync): void {
  database.exec('CREATE TABLE IF NOT EXISTS delivery (sink TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT');
}

/** Returns the cursors in a file that may be of a former version, which has fewer tables, and cannot be written. */
export function storedCursors(database: DatabaseSync): readonly Cursor[] {
  const tables = database.prepare(
    "SELECT count(*) AS count FROM sqlite_schema WHERE type = 'table' AND name = ?",
  );
  const has = (name: string): boolean => Number(tables.get(name)?.count) > 0;
  if (!has('cursor')) return [];
  const from = has('delivery') ? 'cursor LEFT JOIN delivery USING (sink)' : 'cursor';
  const state = has('delivery') ? 'state' : 'NULL AS state';
  return database.prepare(`SELECT sink, position, ${state} FROM ${from} ORDER BY sink`).all().map(cursorOf);
}

function cursorOf({ sink, position, state }: Readonly<Record<string, unknown>>): Cursor {
  return {
    sink: String(sink),
    position: Math.max(0, Number(position)),
    ...(state !== null && { delivery: readDelivery(state) }),
  };
}

/** Prepares the statements for the cursors of sinks. */
export function cursorTable(database: DatabaseSync) {
  const select = database.prepare('SELECT sink, position, state FROM cursor LEFT JOIN delivery USING (sink)');
  const upsertCursor = database.prepare(
    `INSERT INTO cursor (sink, position) VALUES (?, ?)
     ON CONFLICT (sink) DO UPDATE SET position = excluded.position WHERE position <> excluded.position`,
  );
  const upsertDelivery = database.prepare('INSERT OR REPLACE INTO delivery (sink, state) VALUES (?, ?)');
  const deletions = ['cursor', 'delivery'].map((table) =>
    database.prepare(`DELETE FROM ${table} WHERE sink = ?`),
  );
  return {
    /** Returns all cursors, none beyond the last position: events after such a one would never be delivered. */
    all: (lastPosition: number): readonly Cursor[] =>
      select.all().map((row) => {
        const cursor = cursorOf(row);
        return { ...cursor, position: Math.min(cursor.position, lastPosition) };
      }),
    set({ sink, position, delivery }: Cursor): void {
      upsertCursor.run(sink, position);
      if (delivery !== undefined) upsertDelivery.run(sink, JSON.stringify(delivery));
    },
    remove(sink: string): void {
      for (const deletion of deletions) deletion.run(sink);
    },
  };
}
