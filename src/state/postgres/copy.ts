import { Client } from 'pg';
import { keyOf } from '../../atlas/migration-resource.ts';
import { type CopyPage, type CopySource, type CopyTarget, pagesOf, withIds } from '../copy.ts';
import type { Lease } from '../leased-store.ts';
import { scopeKey } from '../migration-state.ts';
import { readRequest } from '../record-schema.ts';
import { StateError } from '../store.ts';
import { columnOf } from './commit.ts';
import { callDeadlineMs, connectTo, named } from './connections.ts';
import { type HeldLease, leaseOver } from './lease.ts';
import { openDatabaseRecord } from './record.ts';
import { createSchema } from './schema.ts';
import { openSharedStore } from './store.ts';

/** How long the database is held after a copy was killed, in ms. */
const leaseMs = 30_000;
/** Some pages take long on a slow disk, in ms. */
const pageDeadlineMs = 60_000;

/**
 * Opens a database of watchers to copy it, and holds it meanwhile. Rejects with a StateError where a watcher has it, or it
 * cannot be used.
 */
export async function openDatabaseSource(url: string): Promise<CopySource> {
  // This one creates no tables.
  const record = await openDatabaseRecord(url);
  const store = await openSharedStore(url, leaseMs).catch(async (error: unknown) => {
    await record.close();
    throw error;
  });
  const waiting = connectTo(url, { max: 1, deadlineMs: pageDeadlineMs });
  const close = async (): Promise<void> => {
    await Promise.all([record.close(), store.close(), waiting.close()]);
  };
  try {
    const hold = await holdLease(store.lease, store.path);
    return {
      name: store.path,
      pages: () =>
        pagesOf(store, {
          migrations: () => record.migrations(),
          requests: () =>
            named(store.path, async () =>
              (await waiting.query('SELECT request FROM cutover_watch.request ORDER BY ordinal')).map(
                ({ request }) => readRequest(request),
              ),
            ),
        }),
      verify: () => store.lease.renew(),
      close: async () => {
        await hold.end();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Opens an empty database to copy to, and holds it meanwhile; tables are created where they are missing. Everything is
 * written in one transaction. Rejects with a StateError where the database has anything, a watcher has it, or it cannot be
 * used.
 */
export async function openDatabaseTarget(url: string): Promise<CopyTarget> {
  const connections = connectTo(url, { max: 1 });
  const { name } = connections;
  const client = new Client({
    connectionString: url,
    application_name: 'cutover-watch',
    connectionTimeoutMillis: callDeadlineMs,
    query_timeout: pageDeadlineMs,
    keepAlive: true,
  });
  // The statement that is under way gets the error, too.
  client.on('error', () => {});
  const lease = leaseOver(connections, leaseMs);
  let hold: Hold | undefined;
  const close = async (): Promise<void> => {
    // Without a commit, the server undoes everything.
    await client.end().catch(() => {});
    await hold?.end();
    await connections.close();
  };
  try {
    await named(name, () => createSchema(connections));
    hold = await holdLease(lease, name);
    await named(name, async () => {
      const [row] = await connections.query(
        `SELECT ${['migration', 'event', 'outage', 'cursor', 'request']
          .map((table) => `EXISTS (SELECT 1 FROM cutover_watch.${table})`)
          .join(' OR ')} AS has_rows`,
      );
      if (row?.has_rows === true)
        throw new StateError(
          `${name} has the state of a watcher already. Copy into an empty database, or drop the schema cutover_watch there to lose what it has.`,
        );
      await client.connect();
      await client.query('BEGIN');
    });
  } catch (error) {
    await close();
    throw error;
  }
  const write = pageWriter(client);
  return {
    name,
    write: (page) => named(name, () => write(page)),
    finish: () => named(name, () => commit(client, lease, name)),
    close,
  };
}

/** A former holder commits nothing: what another watcher has begun stays. */
async function commit(client: Client, lease: HeldLease, name: string): Promise<void> {
  const { rowCount } = await client.query(
    `UPDATE cutover_watch.watcher SET revision = revision + 1,
       last_position = (SELECT coalesce(max(position), 0) FROM cutover_watch.event)
     WHERE token = $1 AND epoch = $2`,
    [lease.token, lease.holding().epoch],
  );
  if (rowCount !== 1)
    throw new StateError(`${name}: a watcher has taken over this database meanwhile. Nothing was copied.`, {
      reason: 'held',
    });
  await client.query('COMMIT');
}

interface Hold {
  end(): Promise<void>;
}

/** Takes a lease and renews it until the end. Rejects with a StateError where a watcher has it. */
async function holdLease(lease: Lease, name: string): Promise<Hold> {
  const taking = await lease.take();
  if (!taking.taken)
    throw new StateError(
      `${name}: ${taking.lease.holder ?? 'a watcher'} uses this database. Stop all its watchers first.`,
      { reason: 'held' },
    );
  // One that fails is found out by what needs the lease in the end.
  const timer = setInterval(() => void lease.renew().catch(() => {}), leaseMs / 4);
  return {
    async end() {
      clearInterval(timer);
      await lease.release().catch(() => {});
    },
  };
}

/** Returns what writes a page. */
function pageWriter(client: Client): (page: CopyPage) => Promise<void> {
  const ids = new Map<string, number>();
  const run = (sql: string, columns: readonly (readonly unknown[])[]) =>
    client.query<Readonly<Record<'id' | 'group_id' | 'live_migration_id', string>>>(sql, [...columns]);
  return async (page) => {
    if ('migrations' in page) {
      const { rows } = await run(
        `INSERT INTO cutover_watch.migration (group_id, live_migration_id, revision, state)
         SELECT group_id, live_migration_id, revision + 1, state FROM cutover_watch.watcher
         CROSS JOIN unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY
           AS given (group_id, live_migration_id, state, ordinal) ORDER BY ordinal RETURNING id, group_id, live_migration_id`,
        [
          page.migrations.map(({ groupId }) => groupId),
          page.migrations.map(({ liveMigrationId }) => liveMigrationId),
          page.migrations.map(({ state }) => JSON.stringify(state)),
        ],
      );
      for (const { id, group_id: groupId, live_migration_id: liveMigrationId } of rows)
        ids.set(keyOf({ groupId, liveMigrationId }), Number(id));
    } else if ('samples' in page) {
      const rows = withIds(page.samples, ids);
      await run(
        `INSERT INTO cutover_watch.lag_sample (migration_id, observed_at, lag_time_seconds, lowest, highest)
         SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::float8[], $4::float8[], $5::float8[])`,
        [
          rows.map(([id]) => id),
          rows.map(([, { observedAt }]) => observedAt),
          rows.map(([, { lagTimeSeconds }]) => lagTimeSeconds),
          rows.map(([, { lowest }]) => lowest ?? null),
          rows.map(([, { highest }]) => highest ?? null),
        ],
      );
    } else if ('events' in page) {
      const field = (name: string) => page.events.map(({ record }) => columnOf(record[name]));
      await run(
        `INSERT INTO cutover_watch.event
           (position, event_id, name, group_id, live_migration_id, migration, request_id, record)
         SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])`,
        [
          page.events.map(({ position }) => position),
          page.events.map(({ record }) => columnOf(String(record.eventId))),
          ...['event', 'groupId', 'liveMigrationId', 'migration', 'requestId'].map(field),
          page.events.map(({ record }) => JSON.stringify(record)),
        ],
      );
    } else if ('outages' in page)
      await run(
        'INSERT INTO cutover_watch.outage (scope, state) SELECT * FROM unnest($1::text[], $2::text[])',
        [page.outages.map(scopeKey), page.outages.map((outage) => JSON.stringify(outage))],
      );
    else if ('cursors' in page)
      await run(
        `INSERT INTO cutover_watch.cursor (sink, position, delivery)
         SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[])`,
        [
          page.cursors.map(({ sink }) => sink),
          page.cursors.map(({ position }) => position),
          page.cursors.map(({ delivery }) => (delivery === undefined ? null : JSON.stringify(delivery))),
        ],
      );
    else
      await run(
        `INSERT INTO cutover_watch.request (id, request) SELECT id, request
         FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS given (id, request, ordinal) ORDER BY ordinal`,
        [page.requests.map(({ id }) => id), page.requests.map((request) => JSON.stringify(request))],
      );
  };
}
