import type { MigrationId } from '../../atlas/migration-resource.ts';
import { checkSample } from '../record-schema.ts';
import type { LagSample } from '../store.ts';
import type { Connections, Row } from './connections.ts';

const columns = 'observed_at, lag_time_seconds, lowest, highest';
const ofMigration = `
  FROM cutover_watch.lag_sample JOIN cutover_watch.migration ON id = migration_id
  WHERE group_id = $1 AND live_migration_id = $2 AND observed_at >= $3`;

/** The reads of lag samples. */
export function sampleTable({ query }: Pick<Connections, 'query'>) {
  const read = async (
    order: string,
    { groupId, liveMigrationId }: MigrationId,
    since: number,
    limit?: number,
  ) =>
    (
      await query(`SELECT ${columns} ${ofMigration} ORDER BY observed_at ${order} LIMIT $4`, [
        groupId,
        liveMigrationId,
        Math.ceil(since),
        limit,
      ])
    ).map(sampleOf);
  return {
    /** Resolves to the first samples since a moment, or all. */
    since: (migration: MigrationId, since: number, limit?: number): Promise<readonly LagSample[]> =>
      read('ASC', migration, since, limit),
    latest: async (migration: MigrationId, since: number, limit: number): Promise<readonly LagSample[]> =>
      (await read('DESC', migration, since, limit)).toReversed(),
  };
}

/** Returns the sample of a row. Throws a `DamagedRecordError` where it is not valid. */
export function sampleOf({ observed_at, lag_time_seconds, lowest, highest }: Row): LagSample {
  const sample = { observedAt: Number(observed_at), lagTimeSeconds: Number(lag_time_seconds) };
  const whole =
    typeof lowest === 'number' && typeof highest === 'number' ? { ...sample, lowest, highest } : sample;
  checkSample(whole);
  return whole;
}
