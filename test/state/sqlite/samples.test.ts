import { DatabaseSync } from 'node:sqlite';
import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { sampleTable } from '../../../src/state/sqlite/samples.ts';
import { upgradeSchema } from '../../../src/state/sqlite/schema.ts';
import type { LagSample } from '../../../src/state/store.ts';
import { day, hour, keyOf, minute, start } from '../sample-change.ts';

const tenMinutes = 10 * minute;
const all = -1;

/** Any lag, the same for the same number. */
function lagAt(n: number): number {
  return (n * 7919) % 101;
}

/** A table for this many migrations. */
function tableFor(migrations: number) {
  const database = new DatabaseSync(':memory:');
  onTestFinished(() => database.close());
  upgradeSchema(database, 0);
  const insert = database.prepare(
    'INSERT INTO migration (group_id, live_migration_id, state) VALUES (?, ?, ?)',
  );
  for (let n = 0; n < migrations; n += 1) insert.run(keyOf(n).groupId, keyOf(n).liveMigrationId, '{}');
  let table = sampleTable(database);
  const count = database.prepare('SELECT count(*) AS number FROM lag_sample');
  return {
    samples: { maintain: (now: number) => table.maintain(now) },
    add: (n: number, observedAt: number, lagTimeSeconds = 1) =>
      table.insert(keyOf(n), { observedAt, lagTimeSeconds }),
    of: (n: number): readonly LagSample[] => table.since(keyOf(n), 0, all),
    latest: (n: number, limit: number) => table.latest(keyOf(n), 0, limit),
    /** Forgets what a run knows of the table. */
    restart: () => {
      table = sampleTable(database);
    },
    count: () => Number(count.get()?.number),
    inOneGo: (work: () => void) => {
      database.exec('BEGIN');
      work();
      database.exec('COMMIT');
    },
  };
}

describe('the maintenance of lag samples', () => {
  it('leaves those of the last day as they are', () => {
    const { samples, add, of } = tableFor(1);
    for (let n = 0; n < 60; n += 1) add(0, start + n * minute);
    samples.maintain(start + day);
    expect(of(0)).toHaveLength(60);
  });

  it('thins ten minutes only when all of them are older than a day', () => {
    const { samples, add, of } = tableFor(1);
    for (let n = 0; n < 20; n += 1) add(0, start + n * minute, n);
    samples.maintain(start + day + 19 * minute);
    expect(of(0)).toHaveLength(11);
    expect(of(0)[0]).toEqual({ observedAt: start + 9 * minute, lagTimeSeconds: 9, lowest: 0, highest: 9 });
    // Its next turn comes after an hour of calls.
    for (let call = 1; call < 3_599; call += 1) samples.maintain(start + day + 20 * minute);
    expect(of(0)).toHaveLength(11);
    samples.maintain(start + day + 20 * minute);
    expect(of(0)).toHaveLength(2);
  });

  it('begins anywhere, so that each migration has its turn where runs are short', () => {
    const { samples, add, of } = tableFor(10);
    for (let n = 0; n < 10; n += 1) for (const at of [1, 2]) add(n, start + at * minute, at);
    vi.spyOn(Math, 'random').mockReturnValueOnce(0.55);
    samples.maintain(start + 2 * day);
    expect(Array.from({ length: 10 }, (_, n) => of(n).length)).toEqual([2, 2, 2, 2, 2, 1, 2, 2, 2, 2]);
  });

  it('changes nothing where one sample stands for ten minutes already', () => {
    const { samples, add, of } = tableFor(1);
    for (let n = 0; n < 12; n += 1) add(0, start + n * tenMinutes, n);
    samples.maintain(start + 2 * day);
    expect(of(0)).toEqual(
      Array.from({ length: 12 }, (_, n) => ({ observedAt: start + n * tenMinutes, lagTimeSeconds: n })),
    );
  });

  it('does a bounded piece of work in one call, however much there is', () => {
    const { samples, add, count, inOneGo } = tableFor(1);
    const number = 20_000;
    inOneGo(() => {
      for (let n = 0; n < number; n += 1) add(0, start + n * 1_000, n);
    });
    const before = count();
    samples.maintain(start + 31 * day);
    expect(before - count()).toBeLessThanOrEqual(1_000);
    expect(before - count()).toBeGreaterThan(900);
    for (let call = 0; call < 20; call += 1) samples.maintain(start + 31 * day);
    expect(count()).toBe(0);
  });

  it('keeps up with ten thousand migrations that are polled every 30 seconds, at one call a second', () => {
    vi.spyOn(Math, 'random').mockReturnValueOnce(0);
    const { samples, add, count, inOneGo } = tableFor(10_000);
    // Those that have their turn in ten minutes, with an hour of samples that became a day old.
    const inTenMinutes = 1_666;
    inOneGo(() => {
      for (let n = 0; n < inTenMinutes; n += 1)
        for (let sample = 0; sample < 120; sample += 1) add(n, start + sample * 30_000, sample);
    });
    inOneGo(() => {
      for (let second = 0; second < 600; second += 1) samples.maintain(start + day + hour + second * 1_000);
    });
    expect(count()).toBe(inTenMinutes * 6);
  });

  it('continues after a restart where it was, without reading what is thinned', () => {
    const { samples, add, of, restart, inOneGo } = tableFor(1);
    const days = 20;
    inOneGo(() => {
      for (let n = 0; n < days * 24 * 60; n += 5) add(0, start + n * minute, n);
    });
    inOneGo(() => {
      for (let call = 0; call < 20; call += 1) samples.maintain(start + days * day);
    });
    restart();
    samples.maintain(start + days * day + 20 * minute);
    expect(of(0)).toHaveLength((days - 1) * 144 + 12 * 24 - 2);
  });

  it('keeps the range of what was observed, and the last observation, wherever it is interrupted', () => {
    const history = fc.uniqueArray(fc.nat({ max: 3 * 60 }), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(history, fc.array(fc.nat({ max: 26 * 60 }), { maxLength: 5 }), (minutes, calls) => {
        const { samples, add, of, restart } = tableFor(1);
        for (const n of minutes) add(0, start + n * minute, lagAt(n));
        for (const n of calls) {
          samples.maintain(start + day + n * minute);
          restart();
        }
        samples.maintain(start + 2 * day);
        const buckets = Map.groupBy(
          minutes.toSorted((one, other) => one - other),
          (n) => Math.floor(n / 10),
        );
        const expected = [...buckets.values()].map((bucket) => {
          const lags = bucket.map(lagAt);
          const last = bucket.at(-1) ?? 0;
          return [start + last * minute, lagAt(last), Math.min(...lags), Math.max(...lags)];
        });
        expect(
          of(0).map(({ observedAt, lagTimeSeconds, lowest = lagTimeSeconds, highest = lagTimeSeconds }) => [
            observedAt,
            lagTimeSeconds,
            lowest,
            highest,
          ]),
        ).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });
});

it('thinned and raw samples are returned together, in order, also the latest ones', () => {
  const { samples, add, of, latest } = tableFor(1);
  for (let n = 0; n < 20; n += 1) add(0, start + n * minute, n);
  add(0, start + 25 * hour, 50);
  samples.maintain(start + 26 * hour);
  const thinned = [9, 19].map((n) => ({
    observedAt: start + n * minute,
    lagTimeSeconds: n,
    lowest: n - 9,
    highest: n,
  }));
  const raw = { observedAt: start + 25 * hour, lagTimeSeconds: 50 };
  expect(of(0)).toEqual([...thinned, raw]);
  expect(latest(0, 2)).toEqual([thinned[1], raw]);
});
