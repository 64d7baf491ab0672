import { keyOf } from '../../atlas/migration-resource.ts';
import type { Changes, SharedStore } from '../leased-store.ts';
import { readRequest } from '../record-schema.ts';
import { requestsAtOnce } from '../retention.ts';
import { type Batch, type CommitResult, StateError } from '../store.ts';
import { commitStatement, sizeOf, valuesOf } from './commit.ts';
import { type Connections, callDeadlineMs, connectTo, named, type Row } from './connections.ts';
import { isMissing } from './errors.ts';
import { eventLog } from './events.ts';
import { type HeldLease, leaseOver } from './lease.ts';
import { outageOf, stateOf, storedCursors } from './rows.ts';
import { sampleTable } from './samples.ts';
import { createSchema } from './schema.ts';
import { upkeepOf } from './upkeep.ts';

/** What each thing that is stored adds to the longest time of a commit, in ms. */
const itemMs = 0.2;
/** Attempts of a commit that finds the store changed by an earlier commit of its own. */
const attempts = 3;

/**
 * Opens the database that watchers share, and creates the tables where they are missing. It holds no lease yet. Rejects
 * with a {@link StateError} where the database cannot be reached or used, or has the tables of a newer version. A call
 * takes `deadlineMs` at most.
 */
export async function openSharedStore(
  url: string,
  leaseMs: number,
  deadlineMs = callDeadlineMs,
): Promise<SharedStore> {
  // A lease is renewed while a commit waits, and nothing waits for a long read.
  const writes = connectTo(url, { max: 2, deadlineMs });
  const reads = connectTo(url, { max: 1, deadlineMs });
  const close = async (): Promise<void> => {
    await Promise.all([writes.close(), reads.close()]);
  };
  try {
    await named(writes.name, () => createSchema(writes));
  } catch (error) {
    await close();
    throw error;
  }
  return storeOver(writes, reads, leaseOver(writes, leaseMs), close);
}

/** A standby shows what is stored. */
const patienceMs = 1_000;

function storeOver(
  writes: Connections,
  reads: Connections,
  lease: HeldLease,
  close: () => Promise<void>,
): SharedStore {
  const { name } = writes;
  const { query } = reads;
  const events = eventLog(reads);
  const samples = sampleTable(reads);
  const maintain = upkeepOf(writes, lease);
  const attempt = <Result>(work: () => Promise<Result>): Promise<Result> => named(name, work);
  /** When the latest commit found everything as it was, by `performance.now()`. */
  let confirmedAt = Number.NEGATIVE_INFINITY;
  return {
    path: name,
    patienceMs,
    isUntouched: () => performance.now() - confirmedAt < patienceMs,
    lease,
    changesSince: changesIn(reads),
    states: (migrations) =>
      attempt(async () => {
        const found = await query(
          `SELECT migration.group_id, migration.live_migration_id, state
           FROM unnest($1::text[], $2::text[]) AS wanted (group_id, live_migration_id)
           JOIN cutover_watch.migration USING (group_id, live_migration_id)`,
          [migrations.map(({ groupId }) => groupId), migrations.map((wanted) => wanted.liveMigrationId)],
        );
        const stored = new Map(found.map(stateOf).map((state) => [keyOf(state), state]));
        return migrations.flatMap((migration) => stored.get(keyOf(migration)) ?? []);
      }),
    outages: () =>
      attempt(async () =>
        (await query('SELECT scope, state FROM cutover_watch.outage ORDER BY scope COLLATE "C"')).map(
          outageOf,
        ),
      ),
    cursors: () => attempt(() => storedCursors(reads)),
    lastPosition: () => attempt(() => events.lastPosition()),
    eventsFrom: (position, limit) => attempt(() => events.from(position, limit)),
    eventsNamed: (names, position, rows) => attempt(() => events.named(names, position, rows)),
    eventsAfter: (eventId, limit) => attempt(() => events.after(eventId, limit)),
    latestEvents: (limit, migration) => attempt(() => events.latest(limit, migration)),
    samples: (migration, since, limit) => attempt(() => samples.since(migration, since, limit)),
    latestSamples: (migration, since, limit) => attempt(() => samples.latest(migration, since, limit)),
    samplesOfMany: (migrations, wanted) => attempt(() => samples.ofMany(migrations, wanted)),
    requests: () =>
      attempt(async () =>
        (
          await query('SELECT id, request FROM cutover_watch.request ORDER BY ordinal LIMIT $1', [
            requestsAtOnce,
          ])
        ).map((row) => ({ id: String(row.id), request: readRequest(row.request) })),
      ),
    commit: (batch) =>
      attempt(async () => {
        const result = await commit(writes, lease, batch);
        confirmedAt = performance.now();
        return result;
      }),
    maintain: (now) => attempt(() => maintain(now)),
    close,
  };
}

/** Returns once, where the lease was found to be of another store than before, what a commit says then. */
function replacedBy(lease: HeldLease): CommitResult | undefined {
  const position = lease.takeReplaced();
  return position === undefined ? undefined : { replaced: true, position };
}

async function commit(connections: Connections, lease: HeldLease, batch: Batch): Promise<CommitResult> {
  const { name, query } = connections;
  if (sizeOf(batch) === 0) {
    await lease.verify();
    return replacedBy(lease) ?? { replaced: false };
  }
  const values = valuesOf(batch);
  // After an outage, there may be much to store.
  const deadlineMs = connections.deadlineMs + sizeOf(batch) * itemMs;
  for (let count = 0; count < attempts; count += 1) {
    const replaced = replacedBy(lease);
    if (replaced !== undefined) return replaced;
    const { epoch, revision, position } = lease.holding();
    let rows: readonly Row[];
    try {
      rows = await query(
        commitStatement,
        [epoch, lease.token, revision, position, ...values, lease.lengthMs],
        deadlineMs,
      );
    } catch (error) {
      if (!isMissing(error)) throw error;
      // Where all tables are missing, they are created again. One alone is damage.
      await lease.verify();
      const created = replacedBy(lease);
      if (created !== undefined) return created;
      throw error;
    }
    const [row] = rows;
    if (row !== undefined) {
      const last = Number(row.last_position);
      lease.advance({ revision: Number(row.revision), position: last });
      const { length } = batch.events;
      return { replaced: false, ...(length > 0 && { positions: { first: last - length + 1, last } }) };
    }
    await lease.verify();
  }
  throw new StateError(`${name}: the state database changes while it is written.`, { reason: 'locked' });
}

/** Returns what finds out the changes of states. After another store has come into its place, everything has changed. */
function changesIn({ name, query }: Connections): SharedStore['changesSince'] {
  let storeId: unknown;
  return (revision): Promise<Changes> =>
    named(name, async () => {
      // One statement sees the revision and the states as of one moment.
      const rows = await query(
        `SELECT store_id, up_to, group_id, live_migration_id, state
         FROM (SELECT store_id, revision AS up_to,
             CASE WHEN revision < $1 OR store_id <> $2 THEN 0 ELSE $1::bigint END AS since
           FROM cutover_watch.watcher LIMIT 1) AS watcher
         LEFT JOIN cutover_watch.migration ON revision > since`,
        [revision, storeId ?? null],
      );
      storeId = rows[0]?.store_id;
      return {
        revision: Number(rows[0]?.up_to ?? 0),
        states: rows.filter(({ state }) => state !== null).map(stateOf),
      };
    });
}
