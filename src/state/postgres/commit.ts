import { keyOf } from '../../atlas/migration-resource.ts';
import type { EventRecord } from '../../events/event-record.ts';
import type { Batch } from '../store.ts';

/**
 * Stores a batch, or nothing: every part depends on `fence`, which changes the row of the watcher where it is as the
 * holder knows it. A commit of a former holder finds no such row. Nor does one that hangs in the server while it is
 * tried again, as the revision is greater then.
 *
 * It renews the lease, as no renewal gets through while a long one holds the row.
 *
 * Events after the last position that is known were stored by a commit of which the outcome was unknown. They are
 * the latest in the log, and those of them that are in the batch are its first: they keep their positions.
 */
export const commitStatement = `
  WITH given_event AS (
    SELECT * FROM unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
      WITH ORDINALITY AS given (event_id, name, group_id, live_migration_id, migration, request_id, record, ordinal)
  ), new_event AS (
    SELECT *, row_number() OVER (ORDER BY ordinal) AS number FROM given_event WHERE NOT EXISTS (
      SELECT 1 FROM cutover_watch.event WHERE position > $4 AND event.event_id = given_event.event_id)
  ), fence AS (
    UPDATE cutover_watch.watcher
    SET revision = revision + 1, last_position = last_position + (SELECT count(*) FROM new_event),
      expires_at = clock_timestamp() + $28 * interval '1 millisecond'
    WHERE epoch = $1 AND token = $2 AND revision = $3
    RETURNING revision, last_position
  ), stored_event AS (
    INSERT INTO cutover_watch.event (position, event_id, name, group_id, live_migration_id, migration, request_id, record)
    SELECT last_position - (SELECT count(*) FROM new_event) + number,
      event_id, name, group_id, live_migration_id, migration, request_id, record
    FROM fence CROSS JOIN new_event
  ), given_state AS (
    SELECT * FROM unnest($12::text[], $13::text[], $14::text[]) AS given (group_id, live_migration_id, state)
  ), changed_migration AS (
    UPDATE cutover_watch.migration SET state = given.state, revision = fence.revision
    FROM fence CROSS JOIN given_state AS given
    WHERE migration.group_id = given.group_id AND migration.live_migration_id = given.live_migration_id
  ), new_migration AS (
    INSERT INTO cutover_watch.migration (group_id, live_migration_id, revision, state)
    SELECT group_id, live_migration_id, fence.revision, state FROM fence CROSS JOIN given_state AS given
    WHERE NOT EXISTS (SELECT 1 FROM cutover_watch.migration AS former
      WHERE former.group_id = given.group_id AND former.live_migration_id = given.live_migration_id)
    RETURNING id, group_id, live_migration_id
  ), stored_sample AS (
    INSERT INTO cutover_watch.lag_sample (migration_id, observed_at, lag_time_seconds, lowest, highest)
    SELECT id, observed_at, lag_time_seconds, lowest, highest
    FROM fence CROSS JOIN unnest($15::text[], $16::text[], $17::bigint[], $18::float8[], $19::float8[], $20::float8[])
      AS given (group_id, live_migration_id, observed_at, lag_time_seconds, lowest, highest)
    JOIN (SELECT id, group_id, live_migration_id FROM cutover_watch.migration
      UNION ALL SELECT id, group_id, live_migration_id FROM new_migration) AS known USING (group_id, live_migration_id)
    ON CONFLICT (migration_id, observed_at) DO UPDATE
    SET lag_time_seconds = excluded.lag_time_seconds, lowest = excluded.lowest, highest = excluded.highest
  ), given_outage AS (
    SELECT * FROM unnest($21::text[], $22::text[]) AS given (scope, state)
  ), stored_outage AS (
    INSERT INTO cutover_watch.outage (scope, state)
    SELECT scope, state FROM fence CROSS JOIN given_outage WHERE state IS NOT NULL
    ON CONFLICT (scope) DO UPDATE SET state = excluded.state
  ), ended_outage AS (
    DELETE FROM cutover_watch.outage USING fence, given_outage AS given
    WHERE outage.scope = given.scope AND given.state IS NULL
  ), stored_cursor AS (
    INSERT INTO cutover_watch.cursor (sink, position, delivery)
    SELECT sink, position, delivery
    FROM fence CROSS JOIN unnest($23::text[], $24::bigint[], $25::text[]) AS given (sink, position, delivery)
    ON CONFLICT (sink) DO UPDATE
    SET position = excluded.position, delivery = coalesce(excluded.delivery, cursor.delivery)
  ), removed_cursor AS (
    DELETE FROM cutover_watch.cursor USING fence WHERE sink = ANY ($26::text[])
  ), removed_request AS (
    DELETE FROM cutover_watch.request USING fence WHERE id = ANY ($27::text[])
  )
  SELECT revision, last_position FROM fence`;

/** Returns the values of {@link commitStatement} between the first four and the last, the length of the lease in ms. */
export function valuesOf(batch: Batch): readonly unknown[] {
  const states = latest(batch.states, keyOf);
  const samples = latest(batch.samples, (sample) => `${keyOf(sample)} ${sample.observedAt}`);
  const outages = latest(batch.outages, ({ key }) => key);
  const cursors = latest(batch.cursors, ({ sink }) => sink);
  const removed = new Set(batch.removedSinks);
  const kept = cursors.filter(({ sink }) => !removed.has(sink));
  const field = (name: keyof EventRecord): readonly (string | null)[] =>
    batch.events.map((record) => columnOf(record[name]));
  return [
    batch.events.map(({ eventId }) => columnOf(String(eventId))),
    ...(['event', 'groupId', 'liveMigrationId', 'migration', 'requestId'] as const).map(field),
    batch.events.map((record) => JSON.stringify(record)),
    states.map(({ groupId }) => groupId),
    states.map(({ liveMigrationId }) => liveMigrationId),
    states.map(({ state }) => JSON.stringify(state)),
    samples.map(({ groupId }) => groupId),
    samples.map(({ liveMigrationId }) => liveMigrationId),
    samples.map(({ observedAt }) => observedAt),
    samples.map(({ lagTimeSeconds }) => lagTimeSeconds),
    samples.map(({ lowest }) => lowest ?? null),
    samples.map(({ highest }) => highest ?? null),
    outages.map(({ key }) => key),
    outages.map(({ outage }) => (outage === undefined ? null : JSON.stringify(outage))),
    kept.map(({ sink }) => sink),
    kept.map(({ position }) => position),
    kept.map(({ delivery }) => (delivery === undefined ? null : JSON.stringify(delivery))),
    [...removed],
    batch.requests ?? [],
  ];
}

/** Returns how many things are to be stored or removed. */
export function sizeOf(batch: Batch): number {
  return Object.values(batch).reduce((sum, part: readonly unknown[]) => sum + part.length, 0);
}

/** One statement cannot store the same thing twice: the last one counts. */
function latest<Item>(items: readonly Item[], keyed: (item: Item) => string): readonly Item[] {
  return [...new Map(items.map((item) => [keyed(item), item])).values()];
}

/** Returns what a column of texts can have: PostgreSQL knows no NUL in them. In JSON it is escaped. */
export function columnOf(value: unknown): string | null {
  return typeof value === 'string' ? value.replaceAll('\0', '') : null;
}
