import { StateError } from '../store.ts';
import type { Connections } from './connections.ts';
import { isCreatedTwice, isMissing } from './errors.ts';

/** Version of the tables that this program writes. */
const schemaVersion = 1;

/**
 * The row of `watcher` says who holds the store, and fences every write. `revision` grows with each commit, and a state
 * has that of the commit that stored it. No index has a column that a commit changes in an existing row, and pages have
 * room for new versions of rows, so that PostgreSQL updates them in place (HOT).
 */
const tables = `
  CREATE TABLE cutover_watch.watcher (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    schema_version integer NOT NULL,
    store_id uuid NOT NULL DEFAULT gen_random_uuid(),
    epoch bigint NOT NULL DEFAULT 0,
    token uuid,
    holder text,
    expires_at timestamptz NOT NULL DEFAULT '-infinity',
    taken_after text NOT NULL DEFAULT 'free',
    former text,
    revision bigint NOT NULL DEFAULT 0,
    last_position bigint NOT NULL DEFAULT 0
  ) WITH (fillfactor = 20);
  CREATE TABLE cutover_watch.migration (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    group_id text NOT NULL,
    live_migration_id text NOT NULL,
    revision bigint NOT NULL,
    state text NOT NULL,
    UNIQUE (group_id, live_migration_id)
  ) WITH (fillfactor = 70);
  CREATE TABLE cutover_watch.lag_sample (
    migration_id bigint NOT NULL,
    observed_at bigint NOT NULL,
    lag_time_seconds double precision NOT NULL CHECK (lag_time_seconds < 'Infinity'),
    lowest double precision,
    highest double precision,
    PRIMARY KEY (migration_id, observed_at)
  ) WITH (autovacuum_vacuum_scale_factor = 0.02);
  CREATE TABLE cutover_watch.event (
    position bigint PRIMARY KEY,
    event_id text NOT NULL,
    name text NOT NULL,
    group_id text,
    live_migration_id text,
    migration text,
    request_id text,
    record text NOT NULL
  );
  CREATE INDEX event_id ON cutover_watch.event (event_id);
  CREATE INDEX event_of_migration ON cutover_watch.event (group_id, live_migration_id, position);
  CREATE INDEX event_called ON cutover_watch.event (migration) WHERE live_migration_id IS NOT NULL;
  CREATE INDEX event_of_request ON cutover_watch.event (request_id) WHERE request_id IS NOT NULL;
  CREATE TABLE cutover_watch.outage (scope text PRIMARY KEY, state text NOT NULL);
  CREATE TABLE cutover_watch.cursor (
    sink text PRIMARY KEY,
    position bigint NOT NULL,
    delivery text
  ) WITH (fillfactor = 50);
  CREATE TABLE cutover_watch.request (
    ordinal bigint GENERATED ALWAYS AS IDENTITY,
    id text PRIMARY KEY,
    request text NOT NULL
  );
  INSERT INTO cutover_watch.watcher (schema_version) VALUES (${schemaVersion});`;

/** Resolves to whether the tables are there. Rejects with a {@link StateError} where they are of a newer version. */
export async function hasSchema({ name, query }: Pick<Connections, 'name' | 'query'>): Promise<boolean> {
  try {
    const [row] = await query('SELECT schema_version FROM cutover_watch.watcher');
    if (row === undefined)
      throw new StateError(
        `${name}: the row of the table cutover_watch.watcher is missing. Restore a backup of the database, or drop the schema cutover_watch to start over.`,
      );
    checkVersion(name, row.schema_version);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Throws a {@link StateError} where the tables are of a newer version. */
export function checkVersion(name: string, version: unknown): void {
  if (version !== schemaVersion)
    throw new StateError(
      `${name}: the tables of the schema cutover_watch were written by a newer version of cutover-watch (their version is ${String(version)}, this program knows ${schemaVersion}). Run that version, or use another database; nothing was touched.`,
      { remedy: 'Run the newer version of cutover-watch that wrote it.' },
    );
}

/** Creates the tables where they are missing, all or none. Several watchers may do that at once. */
export async function createSchema(connections: Pick<Connections, 'name' | 'query'>): Promise<void> {
  const { name, query } = connections;
  if (await hasSchema(connections)) return;
  const [found] = await query(
    `SELECT current_setting('server_encoding') AS encoding,
       EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = 'cutover_watch') AS has_schema`,
  );
  if (found?.encoding !== 'UTF8')
    throw new StateError(
      `${name}: the encoding of the database is ${String(found?.encoding)}. Create one with the encoding UTF8.`,
      { reason: 'refused' },
    );
  try {
    // A schema that is there needs no right to create one.
    await query(`${found.has_schema === true ? '' : 'CREATE SCHEMA cutover_watch;'}${tables}`);
  } catch (error) {
    if (!isCreatedTwice(error) || !(await hasSchema(connections))) throw error;
  }
}
