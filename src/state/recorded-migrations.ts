import type { DatabaseSync } from 'node:sqlite';
import type { MigrationState } from './migration-state.ts';
import { readRows } from './open-to-read.ts';
import type { Change, LagSample } from './store.ts';

/** What a watcher has recorded of a migration. */
export interface RecordedMigration extends Pick<Change, 'groupId' | 'liveMigrationId' | 'state'> {
  /** Oldest first. */
  readonly samples: readonly LagSample[];
}

/**
 * Yields every migration that a watcher remembers, with the lag samples taken since this moment (ms since 1970). It
 * only reads, so it works beside a running watcher. Throws a StateFileError when there is no state file, or none that
 * can be read.
 */
export function readMigrations(path: string, since: number): Generator<RecordedMigration> {
  return readRows(path, (database) => selectMigrations(database, since));
}

function* selectMigrations(database: DatabaseSync, since: number): Generator<RecordedMigration> {
  const selectSamples = database.prepare(
    `SELECT observed_at, lag_time_seconds FROM lag_sample
     WHERE migration_id = ? AND observed_at >= ? ORDER BY observed_at`,
  );
  const select = database.prepare('SELECT id, group_id, live_migration_id, state FROM migration ORDER BY id');
  for (const row of select.iterate())
    yield {
      groupId: String(row.group_id),
      liveMigrationId: String(row.live_migration_id),
      state: JSON.parse(String(row.state)) as MigrationState,
      samples: selectSamples.all(Number(row.id), since).map((sample) => ({
        observedAt: Number(sample.observed_at),
        lagTimeSeconds: Number(sample.lag_time_seconds),
      })),
    };
}
