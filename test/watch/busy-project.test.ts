import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { orders, targetOf } from './sample-migrations.ts';
import { scriptedAtlas, watcherOf } from './scripted-atlas.ts';

const interval = 30_000;
const working = { status: 'WORKING', readyForCutover: false };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('one busy project', () => {
  const others = Array.from({ length: 40 }, (_, index) => targetOf(index, 'a'.repeat(24)));

  it('whose polls hang keeps no other from its polls', async () => {
    const { client, calls } = scriptedAtlas();
    const { watcher } = watcherOf({ targets: [...others, orders], client });
    const pollsOfOrders = () => calls.filter(({ id }) => id.liveMigrationId === orders.liveMigrationId);
    void watcher.round(interval);
    for (let ticks = 1; ticks < 6; ticks += 1) {
      await vi.advanceTimersByTimeAsync(5_000);
      pollsOfOrders().at(-1)?.answer(working);
      await vi.advanceTimersByTimeAsync(interval - 5_000);
      expect(pollsOfOrders()).toHaveLength(ticks);
      watcher.tick('default', interval);
    }
    expect(calls.length).toBeLessThan(20);
  });

  it('polls first what is near readiness, and the rest all the same', async () => {
    const near = new Set(others.slice(30, 38).map(({ liveMigrationId }) => liveMigrationId));
    const { client, calls } = scriptedAtlas(({ liveMigrationId }) => ({
      ...working,
      lagTimeSeconds: near.has(liveMigrationId) ? 20 : 9_000,
    }));
    const { watcher } = watcherOf({ targets: others, client, requestsPerMinute: 90 });
    for (let seconds = 0; seconds < 900; seconds += 5) {
      if (seconds % 30 === 0) watcher.tick('default', interval);
      watcher.tick('approaching', 5_000);
      await vi.advanceTimersByTimeAsync(5_000);
    }
    const counts = others.map(
      ({ liveMigrationId }) =>
        calls.slice(-900).filter(({ id }) => id.liveMigrationId === liveMigrationId).length,
    );
    const [mostOfRest = 0] = counts.filter((_, index) => index < 30 || index >= 38).toSorted((a, b) => b - a);
    expect(Math.min(...counts.slice(30, 38))).toBeGreaterThan(2 * mostOfRest);
    expect(Math.min(...counts)).toBeGreaterThan(4);
  });
});
