import type { MigrationId } from '../../atlas/migration-resource.ts';
import type { EventRecord } from '../../events/event-record.ts';
import { readEvent } from '../record-schema.ts';
import { deletedPerCall, keptEvents } from '../retention.ts';
import type { FoundEvents, LogEntry } from '../store.ts';
import type { Connections, Row } from './connections.ts';

/** Events of a migration, its project and the account, each by the index; the ids are $1 and $2. */
export const eventsOfMigration = [
  'group_id = $1 AND live_migration_id = $2',
  'group_id = $1 AND live_migration_id IS NULL',
  'group_id IS NULL AND live_migration_id IS NULL',
] as const;

/** Returns the next or the latest events of a migration, at most $3, with `condition`. */
export function selectOfMigration(order: 'ASC' | 'DESC', condition = 'true'): string {
  const parts = eventsOfMigration.map(
    (where) =>
      `(SELECT position, record FROM cutover_watch.event WHERE ${where} AND ${condition} ORDER BY position ${order} LIMIT $3)`,
  );
  return `SELECT position, record FROM (${parts.join(' UNION ALL ')}) AS part ORDER BY position ${order} LIMIT $3`;
}

const selectFrom =
  'SELECT position, record FROM cutover_watch.event WHERE position >= $1 ORDER BY position LIMIT $2';

/** The reads of the event log. */
export function eventLog({ query }: Pick<Connections, 'query'>) {
  return {
    async lastPosition(): Promise<number> {
      const [row] = await query('SELECT last_position FROM cutover_watch.watcher');
      return Number(row?.last_position ?? 0);
    },
    async from(position: number, limit: number): Promise<readonly LogEntry[]> {
      return (await query(selectFrom, [position, limit])).map(entryOf);
    },
    async named(names: readonly string[], position: number, rows: number): Promise<FoundEvents> {
      const found = await query(
        `WITH part AS MATERIALIZED (
           SELECT position, name FROM cutover_watch.event WHERE position > $1 ORDER BY position LIMIT $2)
         SELECT ends.position AS end, event.position, record FROM (SELECT max(position) AS position FROM part) AS ends
         LEFT JOIN (part JOIN cutover_watch.event USING (position)) ON part.name = ANY ($3) ORDER BY event.position`,
        [position, rows, names],
      );
      return {
        entries: found.filter((row) => row.record !== null).map(entryOf),
        searchedTo: Number(found[0]?.end ?? position),
      };
    },
    async after(eventId: string | undefined, limit: number): Promise<readonly EventRecord[] | undefined> {
      let position = 0;
      if (eventId !== undefined) {
        const [row] = await query(
          'SELECT max(position) AS position FROM cutover_watch.event WHERE event_id = $1',
          [eventId.replaceAll('\0', '')],
        );
        if (typeof row?.position !== 'number') return undefined;
        ({ position } = row);
      }
      return (await query(selectFrom, [position + 1, limit])).map(recordOf);
    },
    async latest(limit: number, migration?: MigrationId): Promise<readonly EventRecord[]> {
      const rows =
        migration === undefined
          ? await query('SELECT record FROM cutover_watch.event ORDER BY position DESC LIMIT $1', [limit])
          : await query(selectOfMigration('DESC'), [migration.groupId, migration.liveMigrationId, limit]);
      return rows.map(recordOf).toReversed();
    },
  };
}

function entryOf(row: Row): LogEntry {
  return { position: Number(row.position), record: recordOf(row) };
}

/** Returns the event of a row with its record. Throws a `DamagedRecordError` where it is not valid. */
export function recordOf({ record }: Row): EventRecord {
  return readEvent(record);
}

/**
 * Deletes the oldest events beyond what is kept of each of these migrations ($4: projects, $5: migrations), of their
 * projects and of the account, some at a time. No event goes before every sink has delivered it.
 */
export const pruneParts = (fence: string): string => `
  turn AS (SELECT group_id, live_migration_id FROM unnest($4::text[], $5::text[]) AS turn (group_id, live_migration_id)),
  beyond AS (
    SELECT doomed.position FROM turn CROSS JOIN LATERAL (${doomed('group_id = turn.group_id AND live_migration_id = turn.live_migration_id')}) AS doomed
    UNION ALL
    SELECT doomed.position FROM (SELECT DISTINCT group_id FROM turn) AS project
      CROSS JOIN LATERAL (${doomed('group_id = project.group_id AND live_migration_id IS NULL')}) AS doomed
    UNION ALL (${doomed('group_id IS NULL AND live_migration_id IS NULL')})
  ),
  pruned AS (DELETE FROM cutover_watch.event USING ${fence}, beyond WHERE event.position = beyond.position)`;

function doomed(where: string): string {
  return `SELECT position FROM cutover_watch.event
    WHERE ${where} AND position <= (SELECT coalesce(min(position), 0) FROM cutover_watch.cursor)
      AND position <= (SELECT position FROM cutover_watch.event WHERE ${where}
        ORDER BY position DESC LIMIT 1 OFFSET ${keptEvents})
    ORDER BY position LIMIT ${deletedPerCall}`;
}
