import { expect, test } from 'vitest';
import type { ShownSamples } from '../../src/server/migrations-api.ts';
import type { LagSample } from '../../src/state/store.ts';
import { collectSamples } from '../../src/watch/migration/lag-samples.ts';
import { minute, start, targetOf } from '../watch/sample-migrations.ts';
import { copied, serve, storeFirstPoll, watchedOrders } from './served.ts';

test('the latest lag samples are there before the store has them, each of them once', async () => {
  const samples = [0, 1, 2].map((n) => ({ observedAt: start + n * minute, lagTimeSeconds: 60 - n }));
  const { ask, store } = await serve({
    now: () => start + 2 * minute,
    snapshots: () => [watchedOrders({ samples: collectSamples(samples) })],
  });
  await storeFirstPoll(store, samples.slice(0, 2));
  const lags = async (query: string) =>
    (await ask(`/api/migrations/orders/lag${query}`)).json().samples as { lagTimeSeconds: number }[];
  expect((await lags('')).map(({ lagTimeSeconds }) => lagTimeSeconds)).toEqual([60, 59, 58]);
  expect(await lags('?since=2026-11-23T23:02:00Z')).toMatchObject([{ lagTimeSeconds: 58 }]);
});

test('lag samples are read from a moment on, page by page', async () => {
  const { ask, store } = await serve({ now: () => start + 30_000 * minute });
  const samples = Array.from({ length: 10_002 }, (_, n) => ({
    observedAt: start + n * minute,
    lagTimeSeconds: n,
  }));
  await storeFirstPoll(store, samples);
  const read = async (since: string) =>
    (await ask(`/api/migrations/orders/lag${since}`)).json() as { samples: object[]; next?: string };
  const first = await read('?since=2026-11-23T23:00:00Z');
  expect(first.samples).toHaveLength(10_000);
  expect(first.samples[0]).toEqual({ observedAt: '2026-11-23T23:00:00.000Z', lagTimeSeconds: 0 });
  const second = await read(`?since=${first.next}`);
  expect(second).toEqual({
    migration: 'orders',
    since: first.next,
    samples: [{ lagTimeSeconds: 10_000 }, { lagTimeSeconds: 10_001 }].map((sample) =>
      expect.objectContaining(sample),
    ),
  });
  // Of the last day when nothing is said; here they are all older.
  expect((await read('')).samples).toEqual([]);
  expect((await read('?since=20000m')).samples).toHaveLength(2);
  // A plus that is not encoded arrives as a space.
  for (const plus of ['+', '%20', '%2B'])
    expect(await read(`?since=2026-11-24T00:00:00${plus}01:00`)).toMatchObject({
      since: '2026-11-23T23:00:00.000Z',
    });
});

test('lag samples thinned to the points of a plot keep every extreme and the latest', async () => {
  const { ask, store } = await serve({ now: () => start + 12_002 * minute });
  const samples = Array.from({ length: 12_002 }, (_, n) => ({
    observedAt: start + n * minute,
    lagTimeSeconds: n === 5_003 ? 90_000 : 20_000 - n,
  }));
  await storeFirstPoll(store, samples);
  const read = async (query: string) =>
    (await ask(`/api/migrations/orders/lag?since=30d&${query}`)).json() as {
      samples: (LagSample & { observedAt: string })[];
      next?: string;
    };
  const { samples: points, next } = await read('points=1500');
  expect(next).toBeUndefined();
  expect(points.length).toBeGreaterThan(1_300);
  expect(points.length).toBeLessThanOrEqual(1_500);
  expect(Math.max(...points.map(({ lagTimeSeconds, highest = lagTimeSeconds }) => highest))).toBe(90_000);
  expect(points.at(-1)?.observedAt).toBe(new Date(start + 12_001 * minute).toISOString());
  const times = points.map(({ observedAt }) => Date.parse(observedAt));
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  // Fewer than that stay as they are.
  const { samples: few } = (await ask('/api/migrations/orders/lag?since=60m&points=1500')).json() as {
    samples: object[];
  };
  expect(few).toHaveLength(60);
  expect(few[0]).not.toHaveProperty('highest');
  expect((await ask('/api/migrations/orders/lag?points=0')).status).toBe(400);
});

test('the list has as many samples of each migration as it is asked for, the latest among them', async () => {
  const samples = Array.from({ length: 31 }, (_, n) => ({
    observedAt: start + n * 20_000,
    lagTimeSeconds: n,
  }));
  const observation = { lagTimeSeconds: 30, observedAt: start + 30 * 20_000 + 1_700 };
  const { ask } = await serve({
    snapshots: () => [
      watchedOrders({ samples: collectSamples(samples), state: { ...copied, observation } }),
      watchedOrders({ target: targetOf(1) }),
    ],
  });
  const read = async (query: string) => {
    const { migrations } = (await ask(`/api/migrations${query}`)).json() as {
      migrations: { samples?: ShownSamples }[];
    };
    return migrations.map(({ samples: shown }) => shown);
  };
  expect(await read('')).toEqual([undefined, undefined]);
  const [all, none] = await read('?samples=100');
  expect(all?.lagTimeSeconds).toEqual(samples.map(({ lagTimeSeconds }) => lagTimeSeconds));
  expect(all?.secondsBefore.slice(-3)).toEqual([42, 22, 2]);
  expect(none).toEqual({ secondsBefore: [], lagTimeSeconds: [] });
  const [some] = await read('?samples=10');
  expect(some?.lagTimeSeconds).toHaveLength(8);
  expect(some?.lagTimeSeconds.at(-1)).toBe(30);
});
