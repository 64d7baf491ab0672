import { keyOf, type MigrationId } from '../../atlas/migration-resource.ts';
import { checkSample } from '../record-schema.ts';
import type { LagSample, WantedSamples } from '../store.ts';
import type { Connections, Row } from './connections.ts';

const columns = 'observed_at, lag_time_seconds, lowest, highest';
const ofMigration = `
  FROM cutover_watch.lag_sample JOIN cutover_watch.migration ON id = migration_id
  WHERE group_id = $1 AND live_migration_id = $2 AND observed_at >= $3`;

/** Migrations of which samples are read at once. */
const migrationsAtOnce = 500;
/** UNION leaves out what is found twice. */
const someStatement = `
  SELECT ordinal, ${columns}
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted (group_id, live_migration_id, ordinal)
  JOIN cutover_watch.migration USING (group_id, live_migration_id)
  CROSS JOIN LATERAL (
    (SELECT ${columns} FROM cutover_watch.lag_sample
     WHERE migration_id = id AND observed_at >= $3 ORDER BY observed_at DESC LIMIT $4)
    UNION
    SELECT next.* FROM unnest($5::bigint[]) AS moment
    CROSS JOIN LATERAL (SELECT ${columns} FROM cutover_watch.lag_sample
      WHERE migration_id = id AND observed_at >= moment ORDER BY observed_at LIMIT 1) AS next
  ) AS sample
  ORDER BY ordinal, observed_at`;

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
  async function some(
    migrations: readonly MigrationId[],
    { since, latest, moments }: WantedSamples,
  ): Promise<readonly (readonly [string, readonly LagSample[]])[]> {
    const rows = await query(someStatement, [
      migrations.map(({ groupId }) => groupId),
      migrations.map(({ liveMigrationId }) => liveMigrationId),
      Math.ceil(since),
      latest,
      moments.map(Math.ceil),
    ]);
    const found = Map.groupBy(rows, (row) => Number(row.ordinal));
    return migrations.map((migration, index) => [
      keyOf(migration),
      (found.get(index + 1) ?? []).map(sampleOf),
    ]);
  }

  return {
    /** Resolves to those that are wanted of each migration, by its key and oldest first. */
    async ofMany(migrations: readonly MigrationId[], wanted: WantedSamples) {
      const all = new Map<string, readonly LagSample[]>();
      for (let from = 0; from < migrations.length; from += migrationsAtOnce)
        for (const [key, samples] of await some(migrations.slice(from, from + migrationsAtOnce), wanted))
          all.set(key, samples);
      return all;
    },
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
