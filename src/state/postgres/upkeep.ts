import type { MigrationId } from '../../atlas/migration-resource.ts';
import { bucketMs, callsPerCycle, keptMs, rawMs, rowsPerCall } from '../retention.ts';
import { bucketStart, bucketsOf } from '../thin-samples.ts';
import type { Connections, Row } from './connections.ts';
import { pruneParts } from './events.ts';
import type { HeldLease } from './lease.ts';
import { sampleOf } from './samples.ts';

/** A migration whose turn it is. */
interface Turn extends MigrationId {
  readonly id: number;
  /** From where its samples are to be thinned, in ms since 1970. */
  readonly from: number;
}

/** What is to be done with the samples of one span: all but the last one go, which gets the range of all. */
interface Thinning {
  readonly id: number;
  readonly from: number;
  readonly to: number;
  readonly lowest: number;
  readonly highest: number;
}

const selectTurns = `
  SELECT id, group_id, live_migration_id,
    CASE WHEN id = ANY ($3) THEN NULL ELSE (
      SELECT observed_at FROM cutover_watch.lag_sample WHERE migration_id = id AND observed_at < $4
        AND lowest IS NOT NULL ORDER BY observed_at DESC LIMIT 1) END AS thinned,
    (SELECT max(id) FROM cutover_watch.migration) AS last_id
  FROM cutover_watch.migration WHERE id > $1 ORDER BY id LIMIT $2`;

const selectToThin = `
  SELECT id, sample.* FROM unnest($1::bigint[], $2::bigint[]) AS turn (id, since) CROSS JOIN LATERAL (
    SELECT observed_at, lag_time_seconds, lowest, highest FROM cutover_watch.lag_sample
    WHERE migration_id = turn.id AND observed_at >= turn.since AND observed_at < $3
    ORDER BY observed_at LIMIT $4) AS sample
  ORDER BY id, observed_at LIMIT $4`;

/** Writes nothing where another watcher has the store by now. */
const upkeepStatement = `
  WITH fence AS MATERIALIZED (SELECT 1 FROM cutover_watch.watcher WHERE epoch = $1 AND token = $2 FOR SHARE),
  ${pruneParts('fence')},
  expired AS (
    SELECT migration_id, observed_at FROM cutover_watch.lag_sample
    WHERE migration_id = ANY ($3) AND observed_at < $6 LIMIT ${rowsPerCall}),
  thinning AS (
    SELECT * FROM unnest($7::bigint[], $8::bigint[], $9::bigint[], $10::float8[], $11::float8[])
      AS thinning (id, since, until, lowest, highest)),
  removed AS (
    DELETE FROM cutover_watch.lag_sample USING fence, expired
    WHERE lag_sample.migration_id = expired.migration_id AND lag_sample.observed_at = expired.observed_at),
  merged AS (
    DELETE FROM cutover_watch.lag_sample USING fence, thinning
    WHERE migration_id = id AND observed_at >= since AND observed_at < until),
  ranged AS (
    UPDATE cutover_watch.lag_sample SET lowest = thinning.lowest, highest = thinning.highest FROM fence, thinning
    WHERE migration_id = id AND observed_at = until)
  SELECT (SELECT count(*) FROM fence) AS held, (SELECT count(*) FROM expired) AS expired`;

/**
 * Returns what thins lag samples older than 24 hours, deletes those older than 30 days, and deletes the oldest events, of
 * the migrations whose turn it is. `now` in ms since 1970.
 */
export function upkeepOf(
  { query }: Pick<Connections, 'query'>,
  lease: HeldLease,
): (now: number) => Promise<void> {
  /** The migration whose turn was last. */
  let lastId = 0;
  let turnsPerCall = 0;
  /** Turns that are due: a few migrations have one every few minutes. */
  let due = 1;
  /** Up to where the samples of each migration are thinned, in ms since 1970. */
  const thinnedTo = new Map<number, number>();

  async function nextTurns(before: number): Promise<readonly Turn[]> {
    const count = Math.min(Math.floor(due), rowsPerCall);
    // Turns that do not fit into a call are not made up for.
    due -= Math.floor(due);
    if (count === 0) return [];
    const select = (id: number): Promise<readonly Row[]> =>
      query(selectTurns, [
        id,
        count,
        [...thinnedTo.keys()].filter((known) => known > id && known <= id + count),
        before,
      ]);
    let rows = await select(lastId);
    if (rows.length === 0 && lastId > 0) rows = await select(0);
    turnsPerCall = Number(rows[0]?.last_id ?? 0) / callsPerCycle;
    return rows.map((row) => {
      const id = Number(row.id);
      const from = thinnedTo.get(id) ?? bucketStart(Number(row.thinned ?? 0), bucketMs);
      return { id, groupId: String(row.group_id), liveMigrationId: String(row.live_migration_id), from };
    });
  }

  /** Resolves to what is to be thinned, and to the migrations that are done with it. */
  async function toThin(turns: readonly Turn[], since: number, before: number) {
    const rows = await query(selectToThin, [
      turns.map(({ id }) => id),
      turns.map(({ from }) => Math.max(from, since)),
      before,
      rowsPerCall,
    ]);
    const thinnings: Thinning[] = [];
    const reached = new Map(turns.map(({ id }) => [id, before]));
    // The last migration may have more than was read, and the last span of it may go on.
    const unfinished = rows.length < rowsPerCall ? undefined : Number(rows.at(-1)?.id);
    for (const [id, own] of Map.groupBy(rows, (row) => Number(row.id))) {
      const buckets = bucketsOf(own.map(sampleOf), bucketMs);
      for (const { from, last, lowest, highest, rows: count } of buckets)
        if (count > 1) thinnings.push({ id, from, to: last.observedAt, lowest, highest });
      if (id === unfinished) reached.set(id, buckets.at(-1)?.from ?? before);
    }
    for (const id of reached.keys()) if (unfinished !== undefined && id > unfinished) reached.delete(id);
    return { thinnings, reached, unfinished };
  }

  return async (now) => {
    const before = bucketStart(now - rawMs, bucketMs);
    due = Math.min(due + turnsPerCall, 1 + turnsPerCall);
    const turns = await nextTurns(before);
    if (turns.length === 0) return;
    const { thinnings, reached, unfinished } = await toThin(turns, now - keptMs, before);
    const { epoch } = lease.holding();
    const column = (name: keyof Thinning): readonly number[] => thinnings.map((thinning) => thinning[name]);
    const [row] = await query(upkeepStatement, [
      epoch,
      lease.token,
      turns.map(({ id }) => id),
      turns.map(({ groupId }) => groupId),
      turns.map(({ liveMigrationId }) => liveMigrationId),
      now - keptMs,
      ...(['id', 'from', 'to', 'lowest', 'highest'] as const).map(column),
    ]);
    if (Number(row?.held) === 0) return lease.verify();
    for (const [id, to] of reached) thinnedTo.set(id, to);
    // A migration with more to do keeps its turn.
    const hasMore = Number(row?.expired) >= rowsPerCall;
    const done = turns.findLast(({ id }) => !hasMore && (unfinished === undefined || id < unfinished));
    if (done !== undefined) lastId = done.id;
    if (done?.id !== turns.at(-1)?.id) due += 1;
  };
}
