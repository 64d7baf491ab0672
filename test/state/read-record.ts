import type { MigrationId } from '../../src/atlas/migration-resource.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import type { RecordedMigration, StateRecord } from '../../src/state/record.ts';
import { openRecordFile } from '../../src/state/sqlite/reader.ts';

/** Resolves to what `read` reads of a state file. */
export async function readFile<Result>(
  path: string,
  read: (record: StateRecord) => Promise<Result>,
): Promise<Result> {
  const record = await openRecordFile(path);
  try {
    return await read(record);
  } finally {
    await record.close();
  }
}

/** Resolves to the events of a state file, or to those of one migration. */
export function readHistory(path: string, migration?: MigrationId): Promise<readonly EventRecord[]> {
  return readFile(path, (record) => Array.fromAsync(record.events(migration)));
}

/** Resolves to all migrations of a state file, with their samples since a moment. */
export function readMigrations(path: string, since: number): Promise<readonly RecordedMigration[]> {
  return readFile(path, async (record) => Array.fromAsync(record.stored(await record.migrations(), since)));
}
