import type { DatabaseSync } from 'node:sqlite';
import type { MigrationId } from '../../atlas/migration-resource.ts';
import { checkSample, latestMoment } from '../record-schema.ts';
import { bucketMs, callsPerCycle, keptMs, rawMs, rowsPerCall } from '../retention.ts';
import { DamagedRecordError, type LagSample, type WantedSamples } from '../store.ts';
import { bucketStart, bucketsOf } from '../thin-samples.ts';

type Row = Readonly<Record<string, unknown>>;

/** Lag samples of the state file. */
export interface SampleTable {
  insert(migration: MigrationId, sample: LagSample): void;
  since(migration: MigrationId, since: number, limit: number): readonly LagSample[];
  latest(migration: MigrationId, since: number, limit: number): readonly LagSample[];
  /** Returns those that are wanted, oldest first. */
  some(migration: MigrationId, wanted: WantedSamples): readonly LagSample[];
  /**
   * Thins what is older than 24 hours and deletes what is older than 30 days, of the migrations whose turn it is, and
   * passes each of them to `onTurn`. `now` in ms since 1970.
   */
  maintain(now: number, onTurn?: (migration: MigrationId) => void): void;
  /** Throws a {@link DamagedRecordError} where a sample has an absurd time. */
  checkTimes(): void;
}

const columns = 'observed_at, lag_time_seconds, lowest, highest';
const idOf = '(SELECT id FROM migration WHERE group_id = ? AND live_migration_id = ?)';

/** Prepares the statements for lag samples. */
export function sampleTable(database: DatabaseSync): SampleTable {
  const insert = database.prepare(
    `INSERT OR REPLACE INTO lag_sample (migration_id, ${columns})
     SELECT id, ?, ?, ?, ? FROM migration WHERE group_id = ? AND live_migration_id = ?`,
  );
  const select = `SELECT ${columns} FROM lag_sample WHERE migration_id = ${idOf} AND observed_at >= ?`;
  const selectFirst = database.prepare(`${select} ORDER BY observed_at LIMIT ?`);
  const selectLatest = database.prepare(`${select} ORDER BY observed_at DESC LIMIT ?`);
  const selectNext = database.prepare(
    'SELECT id, group_id, live_migration_id FROM migration WHERE id > ? ORDER BY id LIMIT 1',
  );
  const selectLastId = database.prepare('SELECT max(id) AS id FROM migration');
  const deleteExpired = database.prepare(
    `DELETE FROM lag_sample WHERE migration_id = ?1 AND observed_at <= (SELECT max(observed_at) FROM (
       SELECT observed_at FROM lag_sample WHERE migration_id = ?1 AND observed_at < ?2 ORDER BY observed_at LIMIT ?3))`,
  );
  const selectAbsurd = database.prepare(
    `SELECT 1 FROM migration WHERE
       EXISTS (SELECT 1 FROM lag_sample WHERE migration_id = migration.id AND observed_at < 0)
       OR EXISTS (SELECT 1 FROM lag_sample WHERE migration_id = migration.id AND observed_at > ${latestMoment}) LIMIT 1`,
  );
  const selectRange = database.prepare(
    `SELECT ${columns} FROM lag_sample
     WHERE migration_id = ? AND observed_at >= ? AND observed_at < ? ORDER BY observed_at LIMIT ?`,
  );
  const selectLastThinned = database.prepare(
    `SELECT observed_at FROM lag_sample
     WHERE migration_id = ? AND observed_at < ? AND lowest IS NOT NULL ORDER BY observed_at DESC LIMIT 1`,
  );
  const deleteRange = database.prepare(
    'DELETE FROM lag_sample WHERE migration_id = ? AND observed_at >= ? AND observed_at < ?',
  );
  const setRange = database.prepare(
    'UPDATE lag_sample SET lowest = ?, highest = ? WHERE migration_id = ? AND observed_at = ?',
  );

  /** The migration whose turn was last. It begins anywhere, so that each has turns where runs are short. */
  let lastId: number | undefined;
  /** Turns that are due: a few migrations have one every few minutes. */
  let due = 1;
  /** Up to where the samples of each migration are thinned, in ms since 1970. */
  const thinnedTo = new Map<number, number>();

  /** Returns how many rows it read; as many as allowed where there is more to thin. */
  function thin(id: number, before: number): number {
    // After a restart it begins at the last thinned sample: an earlier one has nothing to thin before it.
    const from =
      thinnedTo.get(id) ?? bucketStart(Number(selectLastThinned.get(id, before)?.observed_at ?? 0), bucketMs);
    if (from >= before) return 0;
    const samples = selectRange.all(id, from, before, rowsPerCall).map(sampleOf);
    const buckets = bucketsOf(samples, bucketMs);
    for (const { from: begin, last, lowest, highest, rows } of buckets) {
      if (rows === 1) continue;
      deleteRange.run(id, begin, last.observedAt);
      setRange.run(lowest, highest, id, last.observedAt);
    }
    // The last bucket may go on beyond the limit.
    const isAll = samples.length < rowsPerCall;
    thinnedTo.set(id, isAll ? before : (buckets.at(-1)?.from ?? before));
    return samples.length;
  }

  const first = ({ groupId, liveMigrationId }: MigrationId, since: number, limit: number) =>
    selectFirst.all(groupId, liveMigrationId, since, limit).map(sampleOf);
  const latest = ({ groupId, liveMigrationId }: MigrationId, since: number, limit: number) =>
    selectLatest.all(groupId, liveMigrationId, since, limit).map(sampleOf).toReversed();

  return {
    insert: ({ groupId, liveMigrationId }, { observedAt, lagTimeSeconds, lowest, highest }) =>
      void insert.run(observedAt, lagTimeSeconds, lowest ?? null, highest ?? null, groupId, liveMigrationId),
    since: first,
    latest,
    some(migration, wanted) {
      const recent = latest(migration, wanted.since, wanted.latest);
      const from = recent[0]?.observedAt ?? Number.POSITIVE_INFINITY;
      // Where there are fewer than wanted, these are all.
      const moments = recent.length < wanted.latest ? [] : wanted.moments.filter((moment) => moment < from);
      const before = moments.flatMap((moment) => first(migration, moment, 1));
      return [...distinct(before).filter(({ observedAt }) => observedAt < from), ...recent];
    },
    checkTimes() {
      if (selectAbsurd.get() !== undefined)
        throw new DamagedRecordError('the time of a lag sample is not valid');
    },
    maintain(now, onTurn) {
      const thinBefore = bucketStart(now - rawMs, bucketMs);
      const highestId = Number(selectLastId.get()?.id ?? 0);
      lastId ??= Math.floor(Math.random() * highestId);
      due += highestId / callsPerCycle;
      let rows = 0;
      for (; due >= 1 && rows < rowsPerCall; due -= 1) {
        const next: Row = selectNext.get(lastId) ?? selectNext.get(0) ?? {};
        const id: unknown = next.id;
        if (typeof id !== 'number') return;
        onTurn?.({ groupId: String(next.group_id), liveMigrationId: String(next.live_migration_id) });
        let found = Number(deleteExpired.run(id, now - keptMs, rowsPerCall).changes);
        if (found < rowsPerCall) found += thin(id, thinBefore);
        rows += found;
        // A migration with more to do keeps its turn.
        if (found < rowsPerCall) lastId = id;
        else due += 1;
      }
      // Turns that did not fit into a call are not made up for.
      due = Math.min(due, 1 + (due % 1));
    },
  };
}

/**
 * Returns the sample of a row with the columns observed_at, lag_time_seconds, lowest and highest. Throws a
 * {@link DamagedRecordError} where it is not valid.
 */
export function sampleOf(row: Row): LagSample {
  const { observed_at, lag_time_seconds, lowest, highest } = row;
  const sample = { observedAt: Number(observed_at), lagTimeSeconds: Number(lag_time_seconds) };
  // A spread takes half as much memory again, and there are many of these.
  const whole =
    typeof lowest === 'number' && typeof highest === 'number' ? { ...sample, lowest, highest } : sample;
  checkSample(whole);
  return whole;
}

/**
 * Returns what reads the samples of a migration, by its number, as {@link SampleTable.maintain} leaves them, whether or
 * not it has come to them. `now` in ms since 1970.
 */
export function thinnedSamples(database: DatabaseSync): (id: number, now: number) => readonly LagSample[] {
  // A cross join keeps the order of its tables: the other one takes minutes.
  const selectThinned = database.prepare(
    `SELECT observed_at, lag_time_seconds,
       iif(number > 1, least, lowest) AS lowest, iif(number > 1, most, highest) AS highest
     FROM (
       SELECT max(observed_at) AS last, count(*) AS number,
         min(coalesce(lowest, lag_time_seconds)) AS least, max(coalesce(highest, lag_time_seconds)) AS most
       FROM lag_sample WHERE migration_id = ?1 AND observed_at >= 0 AND observed_at < ?2
       GROUP BY observed_at / ${bucketMs}
     ) CROSS JOIN lag_sample ON migration_id = ?1 AND observed_at = last ORDER BY last`,
  );
  const selectRaw = database.prepare(
    `SELECT ${columns} FROM lag_sample WHERE migration_id = ? AND observed_at >= ? ORDER BY observed_at`,
  );
  return (id, now) => {
    const from = bucketStart(now - rawMs, bucketMs);
    return [...selectThinned.all(id, from), ...selectRaw.all(id, from)].map(sampleOf);
  };
}

/** Returns samples in order, each once. */
function distinct(samples: readonly LagSample[]): readonly LagSample[] {
  return samples.filter(({ observedAt }, index) => observedAt !== samples[index - 1]?.observedAt);
}
