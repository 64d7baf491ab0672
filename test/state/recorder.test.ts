import { renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/state/sqlite/store.ts';
import { sampleEvent } from '../events/sample-events.ts';
import {
  accountOutage,
  commitEvents,
  eventOf,
  hour,
  idsOf,
  keyOf,
  orders,
  scopeEvent,
  start,
  stateWith,
} from './sample-change.ts';
import { readHistory, readMigrations } from './stored-rows.ts';
import { textOf, troubledRecorder } from './troubled-recorder.ts';

const quietMs = 1_000;
const heartbeat = sampleEvent('watcher.heartbeat');
const pollFailed = sampleEvent('watcher.poll_failed', { eventId: 'f'.repeat(32) });

function statesIn(path: string): unknown[] {
  return readMigrations(path).map(({ state }) => state.known.status);
}

function outagesIn(path: string): unknown[] {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = database.prepare('SELECT state FROM outage ORDER BY scope').all();
  database.close();
  return rows.map(({ state }) => JSON.parse(String(state)));
}

describe('what is recorded', () => {
  it('is known at once; a durable event is in the file and on the line at the end of the turn', async () => {
    const set = await troubledRecorder();
    set.record('NEW', 'a', 'b');
    expect(set.recorder.state(orders)).toEqual(stateWith('NEW'));
    expect([idsOf(readHistory(set.path)), set.lines]).toEqual([[], []]);
    expect(set.recorder.delivered).toBe(false);
    await set.settle();
    expect(idsOf(readHistory(set.path))).toEqual(['a', 'b']);
    expect(statesIn(set.path)).toEqual(['NEW']);
    expect(textOf(set.lines)).toEqual(['a', 'b']);
    expect(set.recorder.delivered).toBe(true);
  });

  it('is in the file within a second where it has no event', async () => {
    const set = await troubledRecorder();
    set.record('NEW');
    await set.settle();
    expect(statesIn(set.path)).toEqual([]);
    await set.settle(quietMs);
    expect(statesIn(set.path)).toEqual(['NEW']);
  });

  it('is in the file at once after a flush', async () => {
    const set = await troubledRecorder();
    set.record('NEW');
    expect(await set.recorder.flush()).toBe(true);
    expect(statesIn(set.path)).toEqual(['NEW']);
  });

  it('goes into the next commit where one is under way', async () => {
    const set = await troubledRecorder();
    set.record('NEW', 'a');
    const first = set.recorder.flush();
    await Promise.resolve();
    set.record('WORKING', 'b');
    expect(await first).toBe(true);
    await set.settle();
    expect(statesIn(set.path)).toEqual(['WORKING']);
    expect(textOf(set.lines)).toEqual(['a', 'b']);
  });

  it('includes outages of scopes, which are known at once and in the next run', async () => {
    const set = await troubledRecorder();
    const event = scopeEvent('down');
    set.recorder.record({ events: [event], outages: [{ key: 'account', outage: accountOutage }] });
    expect(set.recorder.openOutages).toEqual([accountOutage]);
    await set.settle();
    expect(outagesIn(set.path)).toEqual([accountOutage]);
    await set.killAndRestart();
    expect(set.recorder.openOutages).toEqual([accountOutage]);
    set.recorder.record({ events: [scopeEvent('up')], outages: [{ key: 'account', outage: undefined }] });
    expect(set.recorder.openOutages).toEqual([]);
    await set.settle();
    expect(outagesIn(set.path)).toEqual([]);
    expect(idsOf(readHistory(set.path))).toEqual(['down', 'up']);
  });

  it('includes lag samples', async () => {
    const set = await troubledRecorder();
    const sample = { observedAt: start, lagTimeSeconds: 4 };
    set.recorder.record({ migration: { ...orders, state: stateWith('NEW'), sample }, events: [] });
    await set.settle(quietMs);
    expect(readMigrations(set.path)[0]?.samples).toEqual([sample]);
  });
});

describe('a line that is not durable', () => {
  it('is written at once and not stored', async () => {
    const set = await troubledRecorder();
    await set.settle();
    set.recorder.emit(heartbeat);
    set.recorder.record({ events: [pollFailed] });
    await set.settle();
    expect(set.lines).toEqual([heartbeat, pollFailed]);
    expect(readHistory(set.path)).toEqual([]);
  });

  it('is recorded where it is durable after all', async () => {
    const set = await troubledRecorder();
    set.recorder.emit(eventOf('a'));
    await set.settle();
    expect(textOf(set.lines)).toEqual(['a']);
    expect(idsOf(readHistory(set.path))).toEqual(['a']);
  });

  it('waits behind the events that were recorded before it', async () => {
    const set = await troubledRecorder();
    await set.settle();
    set.record('NEW', 'a');
    set.recorder.emit(heartbeat);
    set.record('WORKING', 'b');
    await set.settle();
    expect(textOf(set.lines)).toEqual(['a', 'watcher.heartbeat', 'b']);
  });
});

it('every event is passed on once, with whether it is stored', async () => {
  const set = await troubledRecorder();
  set.record('NEW', 'a');
  await set.settle();
  set.recorder.emit(heartbeat);
  set.fail('commit');
  set.record('WORKING', 'b');
  await set.settle();
  set.heal();
  await set.settle(quietMs);
  expect(set.notified).toEqual([
    ['migration.hosts_changed', true],
    ['watcher.heartbeat', false],
    ['watcher.state_unavailable', false],
    ['migration.hosts_changed', false],
    ['watcher.state_recovered', false],
  ]);
});

describe('the migrations that are tracked', () => {
  it('are loaded with what an earlier run has stored', async () => {
    const set = await troubledRecorder();
    set.record('WORKING', 'a');
    await set.settle();
    await set.killAndRestart();
    expect(set.recorder.state(orders)).toEqual(stateWith('WORKING'));
  });

  it('are forgotten when they are not tracked any more, and loaded when they come back', async () => {
    const set = await troubledRecorder();
    set.record('WORKING', 'a');
    await set.settle();
    await set.recorder.track([keyOf(1)]);
    expect(set.recorder.state(orders)).toBeUndefined();
    await set.recorder.track([orders]);
    expect(set.recorder.state(orders)).toEqual(stateWith('WORKING'));
  });

  it('are not forgotten before the store has them', async () => {
    const set = await troubledRecorder();
    set.record('WORKING', 'a');
    await set.recorder.track([]);
    expect(set.recorder.state(orders)).toEqual(stateWith('WORKING'));
    await set.settle();
    expect(statesIn(set.path)).toEqual(['WORKING']);
    expect(set.recorder.state(orders)).toBeUndefined();
  });

  it('stay as they are when the store cannot be read for others', async () => {
    const set = await troubledRecorder();
    set.record('WORKING', 'a');
    set.fail('states');
    await expect(set.recorder.track([keyOf(1)])).rejects.toMatchObject({ name: 'StateError' });
    await set.settle();
    expect(set.recorder.state(orders)).toEqual(stateWith('WORKING'));
    await set.recorder.track([orders]);
  });
});

describe('a state file that is deleted', () => {
  it('is written again from memory by the next poll, which says so', async () => {
    const set = await troubledRecorder();
    const outages = [{ key: 'account', outage: accountOutage }] as const;
    set.recorder.record({ events: [], outages });
    set.record('WORKING', 'a');
    await set.settle();
    rmSync(set.path);
    set.record('COMPLETE', 'b');
    await set.settle();
    expect(statesIn(set.path)).toEqual(['COMPLETE']);
    expect(outagesIn(set.path)).toEqual([accountOutage]);
    expect(idsOf(readHistory(set.path))).toEqual(['b']);
    expect(textOf(set.lines)).toEqual(['a', 'b', 'watcher.state_recovered']);
    expect(set.lines.at(-1)).toMatchObject({ downSeconds: 0, fileReplaced: true });
  });

  it('is written again while nothing is recorded', async () => {
    const set = await troubledRecorder();
    set.record('COMPLETE', 'a');
    await set.settle(quietMs);
    rmSync(set.path);
    await set.recorder.maintain(set.clock.now);
    await set.settle();
    expect(statesIn(set.path)).toEqual(['COMPLETE']);
    await set.killAndRestart();
    expect(set.recorder.state(orders)).toEqual(stateWith('COMPLETE'));
    expect(textOf(set.lines)).toEqual(['a', 'watcher.state_recovered']);
  });

  it('loses no event that a stuck reader has not taken', async () => {
    const set = await troubledRecorder();
    set.output.stuck = true;
    set.record('NEW', 'a', 'b');
    await set.settle();
    rmSync(set.path);
    set.record('WORKING', 'c');
    await set.settle();
    set.output.stuck = false;
    set.recorder.deliver();
    await set.settle();
    await set.settle(quietMs);
    expect(textOf(set.lines)).toEqual(['a', 'b', 'c', 'watcher.state_recovered']);
    await set.killAndRestart();
    expect(set.lines).toHaveLength(4);
  });

  it('in whose place an older copy is put has none of its events delivered again', async () => {
    const set = await troubledRecorder();
    set.record('NEW', 'new');
    await set.settle();
    const copy = `${set.path}.copy`;
    const store = openStore(copy);
    await commitEvents(store, eventOf('x'), eventOf('y'));
    await store.close();
    renameSync(copy, set.path);
    set.record('WORKING', 'later');
    await set.settle(quietMs);
    await set.killAndRestart();
    expect(textOf(set.lines)).toEqual(['new', 'later', 'watcher.state_recovered']);
    expect(idsOf(readHistory(set.path))).toEqual(['x', 'y', 'later']);
  });
});

it('old lag samples are thinned by the maintenance', async () => {
  const set = await troubledRecorder();
  for (const lagTimeSeconds of [3, 1, 2])
    set.recorder.record({
      migration: {
        ...orders,
        state: stateWith('WORKING'),
        sample: { observedAt: start + lagTimeSeconds, lagTimeSeconds },
      },
      events: [],
    });
  await set.recorder.flush();
  await set.recorder.maintain(start + 25 * hour);
  expect(readMigrations(set.path)[0]?.samples).toEqual([
    { observedAt: start + 3, lagTimeSeconds: 3, lowest: 1, highest: 3 },
  ]);
});

it('a recorder that is closed has stored everything and commits nothing any more', async () => {
  const set = await troubledRecorder();
  set.record('NEW', 'a');
  await set.recorder.close();
  expect(idsOf(readHistory(set.path))).toEqual(['a']);
  await set.settle(quietMs);
  expect(await set.recorder.flush()).toBe(false);
  expect(set.faults).toEqual([]);
});
