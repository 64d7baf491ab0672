import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AtlasError } from '../../src/atlas/atlas-error.ts';
import type { Watcher } from '../../src/watch/watcher.ts';
import { namesOf, orders, policy, targetOf } from './sample-migrations.ts';
import { scriptedAtlas, watcherOf } from './scripted-atlas.ts';

const interval = 30_000;
const working = { status: 'WORKING', readyForCutover: false };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets the time of one tick go by, after it. */
async function tick(watcher: Watcher): Promise<void> {
  watcher.tick('default', interval);
  await vi.advanceTimersByTimeAsync(interval);
}

describe('a round', () => {
  it('polls every migration once and resolves when all are read', async () => {
    const { client, calls } = scriptedAtlas(() => working);
    const targets = [targetOf(1), targetOf(2), targetOf(3, 'f'.repeat(24))];
    const { watcher, events } = watcherOf({ targets, client });
    const done = watcher.round(interval);
    await vi.advanceTimersByTimeAsync(1_000);
    await done;
    expect(calls.map(({ id }) => id.liveMigrationId).toSorted()).toEqual(
      targets.map(({ liveMigrationId }) => liveMigrationId),
    );
    expect(namesOf(events)).toEqual(Array(3).fill('migration.first_seen'));
    expect(watcher.latest).toEqual(['read', 'read', 'read']);
  });

  it('tells how each latest poll ended, and goes on after failures', async () => {
    const { client } = scriptedAtlas(({ liveMigrationId }) =>
      liveMigrationId === targetOf(1).liveMigrationId ? 'network' : working,
    );
    const { watcher, events } = watcherOf({ targets: [targetOf(1), targetOf(2)], client });
    await tick(watcher);
    expect(watcher.latest).toMatchObject([{ kind: 'network' }, 'read']);
    await tick(watcher);
    await tick(watcher);
    expect(namesOf(events)).toEqual([
      'watcher.poll_failed',
      'migration.first_seen',
      'watcher.poll_failed',
      'watcher.unreachable',
      'watcher.poll_failed',
    ]);
    watcher.beat();
    expect(events.at(-1)).toMatchObject({
      event: 'watcher.heartbeat',
      polls: 6,
      pollFailures: 3,
      unreachable: 1,
    });
  });

  it('lets a migration alone for a minute when its credentials were refused', async () => {
    const { client, calls } = scriptedAtlas(() => 'unauthorized');
    const { watcher } = watcherOf({ targets: [targetOf(1)], client });
    for (let ticks = 0; ticks < 6; ticks += 1) await tick(watcher);
    expect(calls).toHaveLength(3);
  });

  it('never polls a migration that is being polled', async () => {
    const { client, calls, mostOfOne } = scriptedAtlas();
    const { watcher } = watcherOf({ targets: [targetOf(1), targetOf(2)], client });
    void watcher.round(interval);
    await vi.advanceTimersByTimeAsync(1_000);
    calls[1]?.answer(working);
    for (let ticks = 0; ticks < 4; ticks += 1) await tick(watcher);
    expect(mostOfOne()).toBe(1);
    expect(calls.map(({ id }) => Number(id.liveMigrationId))).toEqual([1, 2, 2]);
  });

  it('never has more polls under way than allowed', async () => {
    const { client, calls } = scriptedAtlas();
    const targets = Array.from({ length: 5 }, (_, index) => targetOf(index));
    const { watcher } = watcherOf({ targets, client, concurrency: 2 });
    void watcher.round(interval);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(calls).toHaveLength(2);
    calls[0]?.answer(working);
    await vi.advanceTimersByTimeAsync(1);
    expect(calls).toHaveLength(3);
  });
});

describe('a reload', () => {
  it('polls a migration that is put back at once while its poll of before still runs', async () => {
    const { client, calls, mostOfOne } = scriptedAtlas();
    const { watcher, events } = watcherOf({ targets: [targetOf(1), targetOf(2)], client });
    const settings = { policy, concurrency: 16 };
    void watcher.round(interval);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(calls).toHaveLength(2);
    watcher.reconfigure({ ...settings, targets: [targetOf(2)] });
    watcher.reconfigure({ ...settings, targets: [targetOf(2), targetOf(3)] });
    watcher.reconfigure({ ...settings, targets: [targetOf(1), targetOf(2)] });
    await tick(watcher);
    expect(mostOfOne()).toBe(1);
    calls[0]?.answer(working);
    await vi.advanceTimersByTimeAsync(1);
    expect(events).toMatchObject([{ event: 'migration.first_seen', migration: 'm1' }]);
    await tick(watcher);
    expect(calls.map(({ id }) => Number(id.liveMigrationId))).toEqual([1, 2, 3, 1]);
  });
});

describe('an overrun', () => {
  it('is told once an episode', async () => {
    const { client, calls } = scriptedAtlas();
    const { watcher, events } = watcherOf({ client });
    const overruns = () => events.filter(({ event }) => event === 'watcher.overrun');
    void watcher.round(interval);
    await tick(watcher);
    expect(overruns()).toHaveLength(0);
    await tick(watcher);
    await tick(watcher);
    expect(overruns()).toMatchObject([{ waiting: 0, underWay: 1 }]);
    calls.at(-1)?.answer(working);
    await tick(watcher);
    calls.at(-1)?.answer(working);
    await tick(watcher);
    expect(overruns()).toHaveLength(1);
    await tick(watcher);
    await tick(watcher);
    expect(overruns()).toHaveLength(2);
  });

  it('is none while Atlas wants no requests, nor until an interval after that', async () => {
    const { client } = scriptedAtlas();
    const { watcher, events, limits } = watcherOf({ client });
    const overruns = () => events.filter(({ event }) => event === 'watcher.overrun').length;
    const retryAfterMs = interval * 4.5;
    limits.attemptFailed(
      orders.groupId,
      new AtlasError({ kind: 'rate_limited', detail: 'Too many.', httpStatus: 429, retryAfterMs }),
    );
    void watcher.round(interval);
    for (let ticks = 0; ticks < 6; ticks += 1) await tick(watcher);
    expect(overruns()).toBe(0);
    await tick(watcher);
    expect(overruns()).toBe(1);
  });

  it('is none when every round is done in time', async () => {
    const { client } = scriptedAtlas(() => working);
    const { watcher, events } = watcherOf({ client });
    void watcher.round(interval);
    for (let ticks = 0; ticks < 5; ticks += 1) await tick(watcher);
    expect(namesOf(events)).toEqual(['migration.first_seen']);
  });
});

describe('a settled migration', () => {
  it('is read no more, and when all are settled this is told once', async () => {
    const answers = [working, { status: 'COMPLETE' }];
    const { client, calls } = scriptedAtlas(() => answers.shift() ?? working);
    const { watcher, events, ends } = watcherOf({ client });
    for (let ticks = 0; ticks < 5; ticks += 1) await tick(watcher);
    expect(calls).toHaveLength(2);
    expect(namesOf(events)).toEqual([
      'migration.first_seen',
      'migration.status_changed',
      'migration.completed',
      'watcher.settled',
    ]);
    expect(events.at(-1)).toMatchObject({ migrations: 1, statuses: { COMPLETE: 1 } });
    expect(ends).toEqual(['settled']);
  });

  it('does not end the watch over the others', async () => {
    const { client, calls } = scriptedAtlas(({ liveMigrationId }) =>
      liveMigrationId === orders.liveMigrationId ? { status: 'FAILED' } : working,
    );
    const { watcher, events, ends } = watcherOf({ targets: [orders, targetOf(2)], client });
    for (let ticks = 0; ticks < 3; ticks += 1) await tick(watcher);
    expect(calls).toHaveLength(4);
    expect(namesOf(events)).not.toContain('watcher.settled');
    expect(ends).toEqual([]);
  });
});

describe('a notice of retirement', () => {
  it('is passed on once, with its date', async () => {
    const { client, calls } = scriptedAtlas();
    const { watcher, events } = watcherOf({ client });
    for (let ticks = 0; ticks < 3; ticks += 1) {
      watcher.tick('default', interval);
      calls.at(-1)?.answer(working, { sunset: 'Sat, 31 Jul 2027 23:59:59 GMT' });
      await vi.advanceTimersByTimeAsync(interval);
    }
    expect(events.filter(({ event }) => event === 'watcher.api_deprecated')).toMatchObject([
      { sunset: 'Sat, 31 Jul 2027 23:59:59 GMT' },
    ]);
  });
});

describe('stopping', () => {
  it('lets polls under way finish and records them', async () => {
    const { client, calls } = scriptedAtlas();
    const { watcher, events, faults } = watcherOf({ client });
    void watcher.round(interval);
    await vi.advanceTimersByTimeAsync(0);
    const stopped = watcher.stop(5_000);
    calls[0]?.answer(working);
    await stopped;
    expect(namesOf(events)).toEqual(['migration.first_seen']);
    expect(faults).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('cuts off polls that hang beyond the grace, and that is no fault', async () => {
    const { client, calls } = scriptedAtlas();
    const { watcher, events, faults } = watcherOf({
      targets: [targetOf(1), targetOf(2)],
      client,
      concurrency: 1,
    });
    void watcher.round(interval);
    await vi.advanceTimersByTimeAsync(100);
    const stopped = vi.fn<() => void>();
    void watcher.stop(5_000).then(stopped);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(stopped).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(stopped).toHaveBeenCalledOnce();
    expect(calls).toHaveLength(1);
    expect([events, faults]).toEqual([[], []]);
  });
});

it('hands a fault of its own to whoever runs it', async () => {
  const { client } = scriptedAtlas(() => working);
  const { watcher, faults, store } = watcherOf({ client });
  store.close();
  await tick(watcher);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toBeInstanceOf(Error);
});

describe('the request budget', () => {
  it('is kept by a round that is larger than it, though requests are sent a little later than polls begin', async () => {
    const { client: answering, calls } = scriptedAtlas(() => working);
    const targets = Array.from({ length: 60 }, (_, index) => targetOf(index));
    const sentAt: number[] = [];
    const { watcher, limits } = watcherOf({
      targets,
      requestsPerMinute: 60,
      client: {
        async readMigration(id, signal) {
          await Promise.resolve();
          limits.take(id.groupId);
          sentAt.push(performance.now());
          return answering.readMigration(id, signal);
        },
      },
    });
    const done = watcher.round(interval);
    await vi.advanceTimersByTimeAsync(120_000);
    await done;
    expect(calls).toHaveLength(60);
    const mostInTenSeconds = Math.max(
      ...sentAt.map((from) => sentAt.filter((at) => at >= from && at < from + 10_000).length),
    );
    expect(mostInTenSeconds).toBeLessThanOrEqual(10 + 6);
  });
});
