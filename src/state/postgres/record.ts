import type { MigrationId } from '../../atlas/migration-resource.ts';
import type { EventRecord } from '../../events/event-record.ts';
import type { RecordedCursor, RecordedMigration, StateRecord } from '../record.ts';
import { bucketMs, rawMs } from '../retention.ts';
import { type LagSample, StateError } from '../store.ts';
import { bucketStart, thinned } from '../thin-samples.ts';
import { columnOf } from './commit.ts';
import { type Connections, callDeadlineMs, connectTo, named, type Row } from './connections.ts';
import { recordOf, selectOfMigration } from './events.ts';
import { stateOf, storedCursors } from './rows.ts';
import { sampleTable } from './samples.ts';
import { hasSchema } from './schema.ts';

/** Events that are read at once. */
const pageSize = 1_000;
/** Some reads of a command go through a large part of the log, in ms. */
const readDeadlineMs = 30_000;

/** Each step goes to the next migration by the index. */
const selectLatestEvents = `
  WITH RECURSIVE known AS (
    (SELECT group_id, live_migration_id FROM cutover_watch.event WHERE live_migration_id IS NOT NULL
     ORDER BY group_id, live_migration_id LIMIT 1)
    UNION ALL
    SELECT next.* FROM known CROSS JOIN LATERAL (
      SELECT group_id, live_migration_id FROM cutover_watch.event WHERE live_migration_id IS NOT NULL
        AND (group_id, live_migration_id) > (known.group_id, known.live_migration_id)
      ORDER BY group_id, live_migration_id LIMIT 1) AS next
  )
  SELECT record FROM known CROSS JOIN LATERAL (
    SELECT position, record FROM cutover_watch.event
    WHERE group_id = known.group_id AND live_migration_id = known.live_migration_id
    ORDER BY position DESC LIMIT 1) AS latest ORDER BY position`;

/**
 * Opens the database of watchers for reading. Rejects with a {@link StateError} where it cannot be read, or no watcher has
 * written to it yet.
 */
export async function openDatabaseRecord(url: string): Promise<StateRecord> {
  const connections = connectTo(url, { max: 1, deadlineMs: readDeadlineMs, connectMs: callDeadlineMs });
  try {
    await named(connections.name, () => checkTables(connections));
  } catch (error) {
    await connections.close();
    throw error;
  }
  return recordIn(connections);
}

/** Rejects with a {@link StateError} where there are no tables that this program can read. */
export async function checkTables(connections: Connections): Promise<void> {
  if (await hasSchema(connections)) return;
  throw new StateError(
    `${connections.name}: no watcher has written to this database yet. Start cutover-watch run first; check state.urlFile if one is running.`,
    { reason: 'missing' },
  );
}

function recordIn(connections: Connections): StateRecord {
  const { name, query, close } = connections;
  const samplesOf = sampleTable({ query });

  /** Yields the events of pages that begin after a position. */
  async function* paged(
    readPage: (after: number) => Promise<readonly Row[]>,
    position = 0,
  ): AsyncGenerator<EventRecord> {
    let after = position;
    for (;;) {
      const page = await named(name, () => readPage(after));
      for (const row of page) yield await named(name, async () => recordOf(row));
      if (page.length < pageSize) return;
      after = Number(page.at(-1)?.position);
    }
  }

  const allAfter = (after: number): Promise<readonly Row[]> =>
    query('SELECT position, record FROM cutover_watch.event WHERE position > $1 ORDER BY position LIMIT $2', [
      after,
      pageSize,
    ]);

  async function read(
    { groupId, liveMigrationId }: MigrationId,
    readSamples: (migration: MigrationId) => Promise<readonly LagSample[]>,
  ): Promise<RecordedMigration | undefined> {
    const [row] = await query(
      'SELECT group_id, live_migration_id, state FROM cutover_watch.migration WHERE group_id = $1 AND live_migration_id = $2',
      [groupId, liveMigrationId],
    );
    if (row === undefined) return undefined;
    const recorded = stateOf(row);
    return { ...recorded, samples: await readSamples(recorded) };
  }

  async function* cursors(): AsyncGenerator<RecordedCursor> {
    for (const cursor of await named(name, () => storedCursors({ query })))
      yield { ...cursor, undelivered: paged(allAfter, cursor.position) };
  }

  return {
    close,
    cursors,
    migrations: () =>
      named(name, async () =>
        (await query('SELECT group_id, live_migration_id FROM cutover_watch.migration ORDER BY id')).map(
          idOf,
        ),
      ),
    latestEvents: () => named(name, async () => (await query(selectLatestEvents)).map(recordOf)),
    calledBefore: (called) =>
      named(name, async () => {
        const rows = await query(
          `SELECT DISTINCT group_id, live_migration_id FROM cutover_watch.event
           WHERE live_migration_id IS NOT NULL AND migration = $1`,
          [columnOf(called)],
        );
        return rows.map(idOf);
      }),
    events: (migration) =>
      paged(
        migration === undefined
          ? allAfter
          : (after) =>
              query(selectOfMigration('ASC', 'position > $4'), [
                migration.groupId,
                migration.liveMigrationId,
                pageSize,
                after,
              ]),
      ),
    migration: (migration, now) =>
      named(name, () =>
        read(migration, async (stored) => {
          const samples = await samplesOf.since(stored, 0);
          const rawFrom = bucketStart(now - rawMs, bucketMs);
          const firstRaw = samples.findIndex(({ observedAt }) => observedAt >= rawFrom);
          const older = firstRaw === -1 ? samples : samples.slice(0, firstRaw);
          return [...thinned(older, bucketMs), ...samples.slice(older.length)];
        }),
      ),
    async *stored(migrations, since) {
      for (const migration of migrations) {
        const recorded = await named(name, () => read(migration, (stored) => samplesOf.since(stored, since)));
        if (recorded !== undefined) yield recorded;
      }
    },
  };
}

function idOf({ group_id, live_migration_id }: Row): MigrationId {
  return { groupId: String(group_id), liveMigrationId: String(live_migration_id) };
}
