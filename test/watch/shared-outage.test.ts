import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { MigrationId } from '../../src/atlas/endpoint.ts';
import type { Watcher } from '../../src/watch/watcher.ts';
import { type Outcome, policy, targetOf } from './sample-migrations.ts';
import { scriptedAtlas, watcherOf } from './scripted-atlas.ts';

const fastMs = 5_000;
const slowMs = 30_000;
const fast = [targetOf(1), targetOf(2)];
const slow = [targetOf(3), targetOf(4)];
const far = { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 36_000 };
const near = { ...far, lagTimeSeconds: 200 };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets both schedules tick, from one of the fast ticks up to another; both begin at tick 0. */
async function ticks(watcher: Watcher, from: number, until: number): Promise<void> {
  for (let tick = from; tick < until; tick += 1) {
    watcher.tick('approaching', fastMs);
    if ((tick * fastMs) % slowMs === 0) watcher.tick('default', slowMs);
    await vi.advanceTimersByTimeAsync(fastMs);
  }
}

function isAmong(targets: typeof fast, { liveMigrationId }: MigrationId): boolean {
  return targets.some((target) => target.liveMigrationId === liveMigrationId);
}

/** Polls some on the fast and some on the slow schedule; replies are those of `during` in between two ticks. */
async function watch(targets: typeof fast, during: (id: MigrationId) => Outcome, begin: number, end: number) {
  const healthy = (id: MigrationId): Outcome => (isAmong(fast, id) ? near : far);
  let reply = healthy;
  const { client } = scriptedAtlas((id) => reply(id));
  const { watcher, events } = watcherOf({ targets, client });
  await ticks(watcher, 0, begin);
  reply = during;
  await ticks(watcher, begin, end);
  reply = healthy;
  await ticks(watcher, end, end + 12);
  return (name: string) => events.filter(({ event }) => event === name);
}

test.each([
  ['five minutes', 5 * 60_000, 4],
  ['twenty minutes, so that not all are heard in time', 20 * 60_000, 2],
])('a dead network is told once where some are polled every %s only', async (_, everyMs, migrations) => {
  const rules = { ...policy, slowestPollMs: everyMs };
  const targets = [...fast, ...slow];
  let reply: (id: MigrationId) => Outcome = (id) => (isAmong(fast, id) ? near : far);
  const healthy = reply;
  const { client } = scriptedAtlas((id) => reply(id));
  const { watcher, events } = watcherOf({ targets, client });
  watcher.reconfigure({ targets, policy: rules, concurrency: 16 });
  const perSlow = everyMs / fastMs;
  const run = async (from: number, until: number): Promise<void> => {
    for (let at = from; at < until; at += 1) {
      watcher.tick('approaching', fastMs);
      if (at % perSlow === 0) watcher.tick('default', everyMs);
      await vi.advanceTimersByTimeAsync(fastMs);
    }
  };
  await run(0, perSlow + 12);
  reply = () => 'network';
  await run(perSlow + 12, 6 * perSlow);
  reply = healthy;
  await run(6 * perSlow, 8 * perSlow);
  expect(
    events.filter((event) => event.event === 'watcher.unreachable' && !('reminder' in event)),
  ).toHaveLength(1);
  expect(events.filter(({ event }) => event === 'watcher.recovered')).toMatchObject([{ migrations }]);
});

describe.each([0, 1, 2, 3, 4, 5])('%i fast ticks after a slow one', (offset) => {
  const begin = 12 + offset;

  test.each([
    ['two on each schedule', [...fast, ...slow]],
    ['one on each schedule', [targetOf(1), targetOf(3)]],
    ['most on the slow one', [...slow, targetOf(5), targetOf(6), targetOf(1)]],
  ])('a dead network is told once, and its end: %s', async (_, targets) => {
    const told = await watch(targets, () => 'network', begin, begin + 36);
    expect(told('watcher.unreachable')).toMatchObject([{ migrations: targets.length }]);
    expect(told('watcher.recovered')).toMatchObject([{ migrations: targets.length }]);
  });

  test('what befalls only those on the fast schedule is told of each', async () => {
    const during = (id: MigrationId): Outcome => (isAmong(fast, id) ? 'network' : far);
    const told = await watch([...fast, ...slow], during, begin, begin + 8);
    const events = told('watcher.unreachable');
    expect(new Set(events.map((event) => 'migration' in event && event.migration))).toEqual(
      new Set(['m1', 'm2']),
    );
    expect(events).toHaveLength(2);
    for (const event of events) expect(event).not.toHaveProperty('migrations');
  });
});
