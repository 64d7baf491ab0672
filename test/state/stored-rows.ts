import { DatabaseSync } from 'node:sqlite';
import type { EventRecord } from '../../src/events/event-record.ts';
import type { RecordedMigration } from '../../src/state/record.ts';
import { sampleOf } from '../../src/state/sqlite/samples.ts';

/** Returns the events in a state file at this moment: nothing else runs meanwhile. */
export function readHistory(path: string): readonly EventRecord[] {
  return rowsOf(path, 'SELECT record FROM event ORDER BY id').map(({ record }) => parsed(record));
}

/** Returns the migrations in a state file at this moment, with all their samples. */
export function readMigrations(path: string): readonly RecordedMigration[] {
  const samples = rowsOf(path, 'SELECT * FROM lag_sample ORDER BY observed_at');
  return rowsOf(path, 'SELECT * FROM migration ORDER BY id').map((row) => ({
    groupId: String(row.group_id),
    liveMigrationId: String(row.live_migration_id),
    state: parsed(row.state),
    samples: samples.filter(({ migration_id }) => migration_id === row.id).map(sampleOf),
  }));
}

function rowsOf(path: string, sql: string): readonly Readonly<Record<string, unknown>>[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

function parsed<Content>(text: unknown): Content {
  return JSON.parse(String(text)) as Content;
}
