import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { openToRead } from './open-to-read.ts';
import { inspectSchema } from './schema.ts';
import type { Change, LagSample } from './store.ts';

export type RecordedSample = LagSample & Pick<Change, 'groupId' | 'liveMigrationId'>;

/**
 * Returns the lag samples of all migrations taken since this moment (ms since 1970), oldest first. It only reads, so
 * it works beside a running watcher; of a file that is not there, or cannot be read, there are none.
 */
export function recordedSamples(path: string, since: number): readonly RecordedSample[] {
  if (!existsSync(path)) return [];
  let database: DatabaseSync | undefined;
  try {
    database = openToRead(path);
    if (inspectSchema(database, path) === 0) return [];
    return database
      .prepare(
        `SELECT group_id, live_migration_id, observed_at, lag_time_seconds
         FROM lag_sample JOIN migration ON migration.id = migration_id
         WHERE observed_at >= ? ORDER BY observed_at`,
      )
      .all(since)
      .map((row) => ({
        groupId: String(row.group_id),
        liveMigrationId: String(row.live_migration_id),
        observedAt: Number(row.observed_at),
        lagTimeSeconds: Number(row.lag_time_seconds),
      }));
  } catch {
    return [];
  } finally {
    database?.close();
  }
}
