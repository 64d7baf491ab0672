import { expect, test } from 'vitest';
import { openStore } from '../../src/state/sqlite/store.ts';
import { withRequests } from '../state/store-with-requests.ts';
import { advance, useVirtualTime, WatcherHarness } from './harness.ts';
import { hour, minute, namesOf, orders, start, targetOf } from './sample-migrations.ts';
import { ScriptedAtlas } from './scripted-atlas.ts';

useVirtualTime();

const ready = { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 5 };

/** A watched migration that is ready, over a store in which a test can leave requests. */
async function readyHarness() {
  const box = withRequests(openStore(':memory:'));
  const atlas = new ScriptedAtlas().answerAll(ready);
  const harness = await WatcherHarness.start({ client: atlas, store: box.store });
  await advance(1_000);
  harness.events.length = 0;
  return { box, atlas, harness };
}

test('a request is taken up within a second, in one commit with its event, and is gone', async () => {
  const { box, harness } = await readyHarness();
  const id = box.leave(orders, start, { command: 'extend', byMs: 24 * hour });
  await advance(1_001);
  expect(harness.events).toMatchObject([{ event: 'migration.window_changed', requestId: id }]);
  expect(box.waiting).toEqual([]);
  await advance(2 * minute);
  expect(namesOf(harness.events)).toEqual(['migration.window_changed']);
  expect(harness.faults).toEqual([]);
});

test('a request about another migration, and what is no request, are refused and removed', async () => {
  const { box, harness } = await readyHarness();
  box.leave(targetOf(7), start, { command: 'ack' });
  box.leaveRubbish();
  await advance(1_001);
  expect(harness.events).toMatchObject([
    { event: 'watcher.request_refused', reason: 'unknown_migration', migration: 'm7', command: 'ack' },
    { event: 'watcher.request_refused', reason: 'unreadable' },
  ]);
  expect(box.waiting).toEqual([]);
});

test('a value of the configuration is taken within a second of its reload, without a poll', async () => {
  const { atlas, harness } = await readyHarness();
  atlas.answerAll(undefined);
  const deadline = start + 200 * hour;
  await harness.reload([{ ...orders, cutover: { deadline } }]);
  await advance(1_001);
  expect(harness.events).toMatchObject([{ event: 'migration.window_changed', source: 'configuration' }]);
  await harness.reload([{ ...orders, cutover: { deadline } }]);
  await advance(1_001);
  expect(harness.events).toHaveLength(1);
});

test('an acknowledgement silences reminders of an outage that had begun before, and not its report', async () => {
  const box = withRequests(openStore(':memory:'));
  const atlas = new ScriptedAtlas().answerAll(ready);
  const harness = await WatcherHarness.start({
    client: atlas,
    store: box.store,
    policy: { outageRemindEveryMs: 30 * minute, remindEveryMs: 0 },
  });
  await advance(1_000);
  const count = (): number => namesOf(harness.events).filter((name) => name === 'watcher.unreachable').length;
  box.leave(orders, start, { command: 'ack' });
  await advance(2_000);
  atlas.answerAll('not_found');
  await advance(10 * minute - 1_000);
  expect(count()).toBe(1);
  atlas.answerAll('internal');
  await advance(40 * minute);
  expect(count()).toBe(2);
  box.leave(orders, start + performance.now(), { command: 'ack' });
  await advance(2 * hour);
  expect(count()).toBe(2);
});

test('a plan that is over asks for a poll, to see if the migration has ended meanwhile', async () => {
  const box = withRequests(openStore(':memory:'));
  const atlas = new ScriptedAtlas().answerAll(ready);
  const harness = await WatcherHarness.start({
    client: atlas,
    store: box.store,
    schedules: { default: '0 0 0 1 1 *', approaching: '0 0 0 1 1 *' },
  });
  await advance(1_000);
  box.leave(orders, start, { command: 'plan', at: start + hour, durationMs: hour });
  await advance(hour);
  atlas.answerAll({ status: 'COMPLETE' });
  await advance(hour + 5_000);
  expect(namesOf(harness.events).slice(2)).toEqual([
    'migration.cutover_planned',
    'migration.status_changed',
    'migration.completed',
    'watcher.settled',
  ]);
});
