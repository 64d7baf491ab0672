import { describe, expect, test } from 'vitest';
import { advance, intervalMs, useVirtualTime, WatcherHarness } from './harness.ts';
import { hour, minute, namesOf, type Outcome, orders, targetOf } from './sample-migrations.ts';
import { ScriptedAtlas } from './scripted-atlas.ts';

useVirtualTime();

const working: Outcome = { status: 'WORKING', readyForCutover: false };
const another = targetOf(2);

describe('a settled migration', () => {
  const complete: Outcome = { status: 'COMPLETE' };

  test('is read once an hour for seven days, and that all are settled is reported once', async () => {
    const atlas = new ScriptedAtlas().answerAll(working);
    const harness = await WatcherHarness.start({ client: atlas });
    await advance(1_000);
    atlas.answerAll(complete);
    await advance(minute);
    expect(atlas.calls).toHaveLength(2);
    await advance(3 * hour);
    expect(atlas.calls).toHaveLength(5);
    expect(namesOf(harness.events)).toEqual([
      'migration.first_seen',
      'migration.status_changed',
      'migration.completed',
      'watcher.settled',
    ]);
    expect(harness.events.at(-1)).toMatchObject({ migrations: 1, statuses: { COMPLETE: 1 } });
    harness.setClock(7 * 24 * hour);
    await advance(3 * hour);
    expect(atlas.calls).toHaveLength(6);
    expect(harness.requests).toEqual(['end']);
  });

  test('does not end the watch over the others', async () => {
    const atlas = new ScriptedAtlas().answerAll(working).answer([orders], { status: 'FAILED' });
    const harness = await WatcherHarness.start({ client: atlas, targets: [orders, another] });
    await advance(2 * intervalMs);
    expect(atlas.callsOf(orders)).toHaveLength(1);
    expect(atlas.callsOf(another)).toHaveLength(3);
    expect(harness.requests).toEqual([]);
  });

  test('is read once at each start, after which the end is reported again', async () => {
    const atlas = new ScriptedAtlas().answerAll(complete);
    const harness = await WatcherHarness.start({ client: atlas });
    await advance(1_000);
    harness.events.length = 0;
    atlas.answerAll(undefined);
    await harness.restart(undefined, 30 * 24 * hour);
    await advance(1_000);
    expect(harness.events).toEqual([]);
    atlas.calls.at(-1)?.answer(complete);
    await harness.watcher.firstRound;
    await advance(2 * hour);
    expect(atlas.calls).toHaveLength(2);
    expect(namesOf(harness.events)).toEqual(['watcher.settled']);
  });

  test.each<[string, Outcome]>([
    ['is gone by then', 'not_found'],
    ['cannot be read', 'server_error'],
    ['answers for another status', complete],
  ])('that %s at a start stays settled, without a word', async (_, outcome) => {
    const atlas = new ScriptedAtlas().answerAll(complete);
    const harness = await WatcherHarness.start({ client: atlas });
    await advance(1_000);
    harness.events.length = 0;
    atlas.answerAll(outcome);
    await harness.restart();
    await advance(10 * minute);
    expect(namesOf(harness.events)).toEqual(['watcher.settled']);
    expect(harness.state(orders)).toMatchObject({ settlement: 'COMPLETE' });
    expect(atlas.calls).toHaveLength(2);
  });

  test('that is retried under its id is watched again, and its new end is reported', async () => {
    const atlas = new ScriptedAtlas().answerAll({ status: 'EXPIRED' });
    const harness = await WatcherHarness.start({ client: atlas });
    await advance(minute);
    harness.events.length = 0;
    atlas.answerAll(working);
    await advance(hour);
    expect(harness.events).toMatchObject([
      { event: 'migration.status_changed', from: 'EXPIRED', to: 'WORKING' },
    ]);
    expect(harness.events[0]).not.toHaveProperty('gapSeconds');
    const polls = atlas.calls.length;
    await advance(10 * minute);
    expect(atlas.calls.length).toBeGreaterThanOrEqual(polls + 20);
    atlas.answerAll(complete);
    await advance(minute);
    expect(namesOf(harness.events).slice(1)).toEqual([
      'migration.status_changed',
      'migration.completed',
      'watcher.settled',
    ]);
  });
});
