import { expect, test } from 'vitest';
import { openStore } from '../../src/state/sqlite-store.ts';
import { samplesBefore } from '../../src/watch/fleet.ts';
import { initialState } from '../../src/watch/migration/event-draft.ts';
import { lagTrend } from '../../src/watch/migration/lag-trend.ts';
import { minute, orders, start } from './sample-migrations.ts';

const { groupId, liveMigrationId } = orders;
const ids = { groupId, liveMigrationId };

test.each([
  ['half minute', 0.5, 29],
  ['two minutes and a half', 2.5, 8],
  ['ten minutes', 10, 8],
  ['hour', 60, 5],
])('a migration polled every %s has a trend from the first poll after a restart', (_, every, count) => {
  const store = openStore(':memory:');
  const samples = Array.from({ length: 50 }, (_each, index) => ({
    lagTimeSeconds: 9_000 + index,
    observedAt: start - (index + 1) * every * minute,
  })).toReversed();
  const states = [{ ...ids, state: initialState(start) }];
  store.commit({
    states,
    samples: samples.map((sample) => ({ ...ids, ...sample })),
    events: [],
    written: [],
  });
  const ledger = {
    samples: (_target: unknown, since: number) => store.samples(groupId, liveMigrationId, since),
    latestSamples: (_target: unknown, since: number, limit: number) =>
      store.latestSamples(groupId, liveMigrationId, since, limit),
  };

  const found = samplesBefore(orders, ledger, start);
  expect(found.length).toBeGreaterThanOrEqual(count);
  expect(found).toEqual(samples.slice(-found.length));
  expect(lagTrend(found)?.perMinute).toBeCloseTo(-1 / every);
  store.close();
});
