import { existsSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../../src/state/sqlite/store.ts';
import { StateError } from '../../../src/state/store.ts';
import { readFile, readHistory, readMigrations } from '../read-record.ts';
import {
  batchOf,
  commitEvents,
  eventOf,
  idsOf,
  keyOf,
  minute,
  orders,
  recordedState,
  scopeEvent,
  start,
} from '../sample-change.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

function openedStore(folder = temporaryDirectory()) {
  const path = join(folder, 'state.db');
  const store = openStore(path);
  onTestFinished(() => store.close());
  return { path, store };
}

describe('the history', () => {
  it('says what is wrong with a path that cannot be looked at', async () => {
    const path = join(temporaryDirectory(), 'state.db');
    symlinkSync(path, path);
    await expect(readHistory(path)).rejects.toThrow(StateError);
    await expect(readHistory(path)).rejects.toThrow(`${path}: the state file cannot be opened: `);
  });

  it('has the events in order, beside the watcher that holds the file and without it', async () => {
    const { path, store } = openedStore();
    await commitEvents(store, eventOf('a'), scopeEvent('b'));
    expect(await readHistory(path)).toEqual([eventOf('a'), scopeEvent('b')]);
    await commitEvents(store, eventOf('c'));
    expect(idsOf(await readHistory(path))).toEqual(['a', 'b', 'c']);
    await store.close();
    expect(idsOf(await readHistory(path))).toEqual(['a', 'b', 'c']);
  });

  it('of one migration has its events under every name, and those of its project and of the account', async () => {
    const { path, store } = openedStore();
    await commitEvents(
      store,
      eventOf('own'),
      { ...eventOf('renamed'), migration: 'bestellungen' },
      eventOf('of another', keyOf(1)),
      scopeEvent('project', orders.groupId),
      scopeEvent('another project', 'f'.repeat(24)),
      scopeEvent('account'),
    );
    expect(idsOf(await readHistory(path, orders))).toEqual(['own', 'renamed', 'project', 'account']);
    expect(idsOf(await readHistory(path, keyOf(9, 'e'.repeat(24))))).toEqual(['account']);
  });

  it('is read without leaving a file behind', async () => {
    const folder = temporaryDirectory();
    const { path, store } = openedStore(folder);
    await commitEvents(store, eventOf('a'));
    await store.close();
    const before = readdirSync(folder);
    expect(idsOf(await readHistory(path))).toEqual(['a']);
    expect(readdirSync(folder)).toEqual(before);
  });

  it('can be left before its end', async () => {
    const { path, store } = openedStore();
    await commitEvents(store, eventOf('a'), eventOf('b'));
    await readFile(path, async (record) => {
      for await (const event of record.events()) {
        expect(event.eventId).toBe('a');
        break;
      }
    });
    await commitEvents(store, eventOf('c'));
    expect(idsOf(await readHistory(path))).toEqual(['a', 'b', 'c']);
  });
});

describe('the recorded migrations', () => {
  it('have their states and the samples since a moment, beside the watcher and without it', async () => {
    const { path, store } = openedStore();
    const samples = [0, 1, 2].map((n) => ({ observedAt: start + n * minute, lagTimeSeconds: n }));
    const recorded = samples.map((sample) => ({ ...orders, ...sample }));
    await store.commit(batchOf({ states: [recordedState()], samples: recorded }));
    expect(await readMigrations(path, start + minute)).toEqual([
      { ...recordedState(), samples: samples.slice(1) },
    ]);
    await store.close();
    expect(await readMigrations(path, 0)).toEqual([{ ...recordedState(), samples }]);
  });

  it('have the range of a sample that stands for several', async () => {
    const { path, store } = openedStore();
    const samples = [4, 9, 2, 5].map((lagTimeSeconds, n) => ({
      ...orders,
      observedAt: start + n * minute,
      lagTimeSeconds,
    }));
    await store.commit(batchOf({ states: [recordedState()], samples }));
    await store.maintain(start + 25 * 60 * minute);
    expect((await readMigrations(path, 0))[0]?.samples).toEqual([
      { observedAt: start + 3 * minute, lagTimeSeconds: 5, lowest: 2, highest: 9 },
    ]);
  });
});

describe.each([
  { what: 'history', read: (path: string): Promise<unknown> => readHistory(path) },
  { what: 'recorded migrations', read: (path: string): Promise<unknown> => readMigrations(path, 0) },
])('the $what', ({ read }) => {
  it('of a missing file are refused, and no file is created', async () => {
    const path = join(temporaryDirectory(), 'state.db');
    await expect(read(path)).rejects.toThrow(StateError);
    await expect(read(path)).rejects.toThrow(
      `${path}: there is no state file yet. It is made by cutover-watch run; check state.path if one is running.`,
    );
    expect(existsSync(path)).toBe(false);
  });

  it('of a file that was only just created are empty', async () => {
    const path = join(temporaryDirectory(), 'state.db');
    writeFileSync(path, '');
    expect(await read(path)).toEqual([]);
  });

  it('of what is not a state file are refused', async () => {
    const path = join(temporaryDirectory(), 'state.db');
    writeFileSync(path, 'This is no database.'.repeat(100));
    await expect(read(path)).rejects.toThrow(StateError);
    await expect(read(':memory:')).rejects.toThrow('state.path is :memory:, which keeps nothing');
  });
});
