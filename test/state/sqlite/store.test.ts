import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../../src/state/sqlite/store.ts';
import { StateError, type Store } from '../../../src/state/store.ts';
import {
  accountOutage,
  batchOf,
  commitEvents,
  eventOf,
  orders,
  positionOf,
  recordedState,
} from '../sample-change.ts';
import { describeStore } from '../store-contract.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

function opened(path: string): Store {
  const store = openStore(path);
  onTestFinished(() => store.close());
  return store;
}

describeStore('a state file', () => opened(join(temporaryDirectory(), 'state.db')));
describeStore('memory', () => opened(':memory:'));

describe('a state file', () => {
  it('has everything after it was closed and opened', async () => {
    const path = join(temporaryDirectory(), 'state.db');
    const former = openStore(path);
    const sample = { observedAt: 1, lagTimeSeconds: 4 };
    await former.commit(
      batchOf({
        states: [recordedState()],
        outages: [{ key: 'account', outage: accountOutage }],
        samples: [{ ...orders, ...sample }],
        events: [eventOf('a')],
        cursors: [{ sink: 'stdout', position: 1 }],
      }),
    );
    await former.close();
    const store = opened(path);
    expect(await store.states([orders])).toEqual([recordedState()]);
    expect(await store.outages()).toEqual([accountOutage]);
    expect(await store.samples(orders, 0)).toEqual([sample]);
    expect(await positionOf(store, 'stdout')).toBe(1);
    expect(await commitEvents(store, eventOf('b'))).toEqual([{ position: 2, record: eventOf('b') }]);
  });

  it('is created with the folders that it needs, closed to others', async () => {
    const folder = join(temporaryDirectory(), 'a', 'b');
    await openStore(join(folder, 'state.db')).close();
    expect(existsSync(join(folder, 'state.db'))).toBe(true);
    expect(statSync(folder).mode & 0o007).toBe(0);
  });

  it('is not opened again once it is closed, so that another watcher can have it', async () => {
    const path = join(temporaryDirectory(), 'state.db');
    const former = openStore(path);
    await former.close();
    await expect(commitEvents(former, eventOf('a'))).rejects.toThrow(StateError);
    const store = opened(path);
    await expect(commitEvents(former, eventOf('a'))).rejects.toThrow('the state file is closed');
    expect(await commitEvents(store, eventOf('b'))).toEqual([{ position: 1, record: eventOf('b') }]);
  });

  it('may be an empty file', async () => {
    const path = join(temporaryDirectory(), 'state.db');
    new DatabaseSync(path).close();
    expect(await opened(path).eventsFrom(0, 1)).toEqual([]);
  });
});

it('a store in memory leaves no file behind, and two of them share nothing', async () => {
  const [first, second] = [opened(':memory:'), opened(':memory:')];
  await commitEvents(first, eventOf('a'));
  expect(await second.latestEvents(1)).toEqual([]);
  expect(existsSync(':memory:')).toBe(false);
});
