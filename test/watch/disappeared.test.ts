import { describe, expect, test } from 'vitest';
import { advance, useVirtualTime, WatcherHarness } from './harness.ts';
import { hour, minute, namesOf, type Outcome, targetOf } from './sample-migrations.ts';
import { ScriptedAtlas } from './scripted-atlas.ts';

useVirtualTime();

const working: Outcome = { status: 'WORKING', readyForCutover: false };
const [one, another] = [targetOf(1), targetOf(2)];

function reportsOf({ events }: WatcherHarness): string[] {
  return namesOf(events).filter((name) => name !== 'watcher.poll_failed');
}

/** Two migrations that were read, one of which has disappeared since. */
async function goneFleet() {
  const atlas = new ScriptedAtlas().answerAll(working);
  const harness = await WatcherHarness.start({ client: atlas, targets: [one, another] });
  await advance(minute);
  atlas.answer([one], 'not_found');
  await advance(12 * minute);
  expect(reportsOf(harness)).toEqual([
    'migration.first_seen',
    'migration.first_seen',
    'watcher.unreachable',
    'migration.disappeared',
    'watcher.recovered',
  ]);
  harness.events.length = 0;
  atlas.calls.length = 0;
  return { harness, atlas };
}

const renewals = [
  { renewal: 'ten minutes', renew: () => advance(0), polls: 3 },
  { renewal: 'a start', renew: (harness: WatcherHarness) => harness.restart(), polls: 4 },
  { renewal: 'a reload', renew: (harness: WatcherHarness) => harness.reload([one, another]), polls: 3 },
];

describe('a migration that disappeared', () => {
  test('was answered with 404 and nothing else for ten minutes, at the pace of its schedule', async () => {
    const atlas = new ScriptedAtlas().answerAll(working);
    const harness = await WatcherHarness.start({ client: atlas, targets: [one] });
    await advance(1_000);
    atlas.answerAll('not_found');
    await advance(10 * minute);
    expect(reportsOf(harness)).not.toContain('migration.disappeared');
    expect(atlas.calls.length).toBeGreaterThan(20);
    await advance(minute);
    expect(reportsOf(harness).slice(-3)).toEqual([
      'migration.disappeared',
      'watcher.recovered',
      'watcher.settled',
    ]);
    expect(harness.requests).toEqual(['end']);
  });

  test('was polled at least three times, however rarely that is', async () => {
    const atlas = new ScriptedAtlas().answerAll(working);
    const schedules = { default: '0 0 * * * *' };
    const harness = await WatcherHarness.start({ client: atlas, targets: [one], schedules });
    await advance(1_000);
    atlas.answerAll('not_found');
    await advance(1.5 * hour);
    expect(atlas.calls).toHaveLength(3);
    expect(reportsOf(harness)).not.toContain('migration.disappeared');
    await advance(hour);
    expect(reportsOf(harness)).toContain('migration.disappeared');
  });

  test.each(renewals)(
    'is still polled every ten minutes after $renewal, without a word',
    async ({ renew, polls }) => {
      const { harness, atlas } = await goneFleet();
      await renew(harness);
      await advance(32 * minute);
      expect(atlas.callsOf(one)).toHaveLength(polls);
      expect(harness.events).toEqual([]);
    },
  );

  test.each(renewals)('is watched again when it is found after $renewal', async ({ renew }) => {
    const { harness, atlas } = await goneFleet();
    atlas.answer([one], { status: 'WORKING', readyForCutover: true });
    await renew(harness);
    await advance(20 * minute);
    expect(harness.events).toMatchObject([
      { event: 'migration.status_changed', migration: 'm1', from: 'DISAPPEARED', to: 'WORKING' },
      { event: 'migration.ready_for_cutover', migration: 'm1', readySinceKnown: true },
    ]);
    expect(atlas.callsOf(one).length).toBeGreaterThan(15);
  });

  test('stays gone through an outage, which is none of its own', async () => {
    const { harness, atlas } = await goneFleet();
    atlas.answerAll('network');
    await harness.restart();
    await advance(15 * minute);
    atlas.answerAll(working).answer([one], 'not_found');
    await advance(15 * minute);
    expect(harness.events.filter(({ event }) => event !== 'watcher.poll_failed')).toMatchObject([
      { event: 'watcher.unreachable', migration: 'm2' },
      { event: 'watcher.recovered', migration: 'm2' },
    ]);
    expect(harness.state(one)).toMatchObject({ settlement: 'DISAPPEARED' });
  });

  test('is not the end for good: that all are settled is reported again where it was found meanwhile', async () => {
    const atlas = new ScriptedAtlas().answerAll(working);
    const harness = await WatcherHarness.start({ client: atlas, targets: [one] });
    await advance(minute);
    atlas.answerAll('not_found');
    await advance(12 * minute);
    atlas.answerAll(working);
    await advance(10 * minute);
    atlas.answerAll({ status: 'COMPLETE' });
    await advance(2 * minute);
    expect(harness.events.filter(({ event }) => event === 'watcher.settled')).toMatchObject([
      { statuses: { DISAPPEARED: 1 } },
      { statuses: { COMPLETE: 1 } },
    ]);
    expect(harness.requests).toEqual(['end', 'end']);
  });

  test('keeps its window: its warnings and its deadline come as before', async () => {
    const atlas = new ScriptedAtlas().answerAll({ status: 'WORKING', readyForCutover: true });
    const harness = await WatcherHarness.start({ client: atlas, targets: [one] });
    await advance(minute);
    atlas.answerAll('not_found');
    await advance(12 * minute);
    harness.events.length = 0;
    for (let days = 0; days < 5; days += 1) {
      harness.setClock(24 * hour - minute);
      await advance(minute);
    }
    expect(reportsOf(harness)).toEqual([
      'migration.cutover_deadline_near',
      'migration.cutover_deadline_near',
      'migration.cutover_deadline_passed',
    ]);
  });
});

describe('a 404 of most migrations at once', () => {
  test('is an outage, and the end of none of them', async () => {
    const targets = [1, 2, 3, 4, 5].map((number) => targetOf(number));
    const atlas = new ScriptedAtlas().answerAll(working);
    const harness = await WatcherHarness.start({ client: atlas, targets });
    await advance(minute);
    atlas.answer(targets.slice(1), 'not_found');
    await advance(hour);
    atlas.answerAll(working);
    await advance(minute);
    const events = namesOf(harness.events);
    expect(events).not.toContain('migration.disappeared');
    for (const name of ['watcher.unreachable', 'watcher.recovered'])
      expect(events.filter((event) => event === name)).toHaveLength(4);
  });

  test('is the end of none of them after a restart either', async () => {
    const targets = [1, 2, 3, 4, 5].map((number) => targetOf(number));
    const atlas = new ScriptedAtlas().answerAll(working);
    const harness = await WatcherHarness.start({ client: atlas, targets });
    await advance(minute);
    atlas.answerAll('not_found');
    await advance(20 * minute);
    await harness.restart();
    await advance(20 * minute);
    expect(namesOf(harness.events)).not.toContain('migration.disappeared');
  });

  test('is the end of all of them after a day', async () => {
    const atlas = new ScriptedAtlas().answerAll(working);
    const harness = await WatcherHarness.start({ client: atlas, targets: [one, another] });
    await advance(minute);
    atlas.answerAll('not_found');
    await advance(hour);
    expect(namesOf(harness.events)).not.toContain('migration.disappeared');
    harness.setClock(23 * hour);
    await advance(5 * minute);
    expect(namesOf(harness.events).filter((event) => event === 'migration.disappeared')).toHaveLength(2);
    expect(harness.requests).toEqual(['end']);
  });
});
