import { describe, expect, test } from 'vitest';
import { advance, useVirtualTime, WatcherHarness } from './harness.ts';
import { minute, namesOf, type Outcome, targetOf } from './sample-migrations.ts';
import { ScriptedAtlas } from './scripted-atlas.ts';

useVirtualTime();

const working: Outcome = { status: 'WORKING', readyForCutover: false };
const [one, another] = [targetOf(1), targetOf(2)];

/** Two migrations that were read, one of which has disappeared since. */
async function goneFleet() {
  const atlas = new ScriptedAtlas().answerAll(working);
  const harness = await WatcherHarness.start({ client: atlas, targets: [one, another] });
  await advance(minute);
  atlas.answer([one], 'not_found');
  await advance(5 * minute);
  expect(namesOf(harness.events).filter((name) => name.startsWith('migration.'))).toEqual([
    'migration.first_seen',
    'migration.first_seen',
    'migration.disappeared',
  ]);
  harness.events.length = 0;
  atlas.calls.length = 0;
  return { harness, atlas };
}

const renewals = [
  { renewal: 'a start', renew: (harness: WatcherHarness) => harness.restart() },
  { renewal: 'a reload', renew: (harness: WatcherHarness) => harness.reload([one, another]) },
];

describe('a migration that disappeared', () => {
  test('is polled no more after the second 404, which comes at the next time of the schedule', async () => {
    const atlas = new ScriptedAtlas().answerAll(working);
    const harness = await WatcherHarness.start({ client: atlas, targets: [one] });
    await advance(1_000);
    atlas.answerAll('not_found');
    await advance(10 * minute);
    const [, first = 0, second = 0, ...more] = atlas.calls.map(({ at }) => at);
    expect(Math.round(second - first)).toBe(30_000);
    expect(more).toEqual([]);
    expect(harness.requests).toEqual(['end']);
  });

  test.each(renewals)(
    'is polled once after $renewal, and no more when it is still gone',
    async ({ renew }) => {
      const { harness, atlas } = await goneFleet();
      await renew(harness);
      await advance(5 * minute);
      expect(atlas.callsOf(one)).toHaveLength(1);
      expect(harness.events).toEqual([]);
    },
  );

  test.each(renewals)('is watched again after $renewal that finds it', async ({ renew }) => {
    const { harness, atlas } = await goneFleet();
    atlas.answer([one], { status: 'WORKING', readyForCutover: true });
    await renew(harness);
    await advance(5 * minute);
    expect(harness.events).toMatchObject([
      { event: 'migration.status_changed', migration: 'm1', from: 'DISAPPEARED', to: 'WORKING' },
      { event: 'migration.ready_for_cutover', migration: 'm1', readySinceKnown: false },
    ]);
    expect(atlas.callsOf(one).length).toBeGreaterThan(5);
  });

  test('is polled until Atlas answers, and an outage meanwhile is one like any other', async () => {
    const { harness, atlas } = await goneFleet();
    atlas.answerAll('network');
    await harness.restart();
    await advance(5 * minute);
    atlas.answerAll(working).answer([one], 'not_found');
    await advance(5 * minute);
    expect(harness.events.filter(({ event }) => event !== 'watcher.poll_failed')).toMatchObject([
      { event: 'watcher.unreachable', scope: 'account', migrations: 2 },
      { event: 'watcher.recovered', scope: 'account', migrations: 2 },
    ]);
    expect(harness.state(one)).toMatchObject({ settlement: 'DISAPPEARED' });
  });

  test('is not the end for good: that all are settled is reported again where it was found meanwhile', async () => {
    const atlas = new ScriptedAtlas().answerAll(working);
    const harness = await WatcherHarness.start({ client: atlas, targets: [one] });
    await advance(minute);
    atlas.answerAll('not_found');
    await advance(2 * minute);
    atlas.answerAll(working);
    await harness.reload([one]);
    await advance(minute);
    atlas.answerAll({ status: 'COMPLETE' });
    await advance(2 * minute);
    expect(harness.events.filter(({ event }) => event === 'watcher.settled')).toMatchObject([
      { statuses: { DISAPPEARED: 1 } },
      { statuses: { COMPLETE: 1 } },
    ]);
    expect(harness.requests).toEqual(['end', 'end']);
  });
});
