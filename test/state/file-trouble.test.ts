import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { readHistory } from '../../src/state/history.ts';
import { openStore } from '../../src/state/sqlite-store.ts';
import type { Store } from '../../src/state/store.ts';
import { orders } from '../watch/sample-migrations.ts';
import { batchOf, commit, markWritten } from './batch.ts';
import { canMount, mountReadOnly, mountTiny } from './mount.ts';
import { sampleChange } from './sample-change.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const change = sampleChange();

/** A store with something in it, its two events unwritten. */
function usedStore(folder = temporaryDirectory()) {
  const path = join(folder, 'state.db');
  const store = openStore(path);
  onTestFinished(() => store.close());
  return { folder, path, store, entries: commit(store, change) };
}

function expectToWork(store: Store): void {
  expect(store.refresh()).toBeUndefined();
  commit(store, change);
  expect(store.refresh()).toBeUndefined();
  expect(store.load(orders.groupId, orders.liveMigrationId)).toEqual(change.state);
}

describe('a state file that nobody touches', () => {
  it('is not opened anew, whatever is written', () => {
    const { store, path } = usedStore();
    const { ino } = statSync(`${path}-wal`);
    for (let n = 0; n < 2_000; n += 1) commit(store, change);
    expect(store.refresh()).toBeUndefined();
    expect(statSync(`${path}-wal`).ino).toBe(ino);
    expectToWork(store);
  });

  it('stays as it is beside readers', () => {
    const { store, path } = usedStore();
    expect([...readHistory(path)]).toHaveLength(2);
    expectToWork(store);
  });
});

describe('a state file that is taken away', () => {
  const ways: readonly (readonly [string, (path: string) => void])[] = [
    ['deleted', (path) => rmSync(path)],
    ['moved', (path) => renameSync(path, `${path}.old`)],
    ['deleted with all that belongs to it', (path) => execFileSync('sh', ['-c', `rm ${path}*`])],
  ];
  it.each(ways)('%s is made anew, and tells what was not written', (_how, takeAway) => {
    const { store, path, entries } = usedStore();
    markWritten(store, entries.slice(0, 1));
    takeAway(path);
    expect(store.refresh()).toEqual(entries.slice(1));
    expect(store.load(orders.groupId, orders.liveMigrationId)).toBeUndefined();
    expectToWork(store);
    expect(existsSync(path)).toBe(true);
  });

  it('is still held: no other watcher can take it', () => {
    const { store, path } = usedStore();
    execFileSync('sh', ['-c', `rm ${path}*`]);
    store.refresh();
    expect(() => openStore(path)).toThrow('another watcher is using this state file');
  });

  it('and was taken by another watcher meanwhile is left to that one', () => {
    const { store, path } = usedStore();
    execFileSync('sh', ['-c', `rm ${path}*`]);
    const other = openStore(path);
    expect(() => store.refresh()).toThrow('another watcher is using this state file');
    other.close();
    expect(store.refresh()).toHaveLength(2);
    expectToWork(store);
  });

  it('but only moved is whole where it is now', () => {
    const { store, path } = usedStore();
    renameSync(path, `${path}.old`);
    store.refresh();
    expect([...readHistory(`${path}.old`)]).toHaveLength(2);
  });

  it('and whose log is deleted is opened anew with all that was in it', () => {
    const { store, path } = usedStore();
    rmSync(`${path}-wal`);
    expectToWork(store);
    expect([...readHistory(path)]).toHaveLength(4);
  });

  it('or whose log is deleted between looking at it and writing to it keeps what is written', () => {
    const { store, path } = usedStore();
    rmSync(path);
    expect(store.refresh()).toHaveLength(2);
    rmSync(`${path}-wal`);
    commit(store, change);
    expectToWork(store);
    expect([...readHistory(path)]).toHaveLength(4);
    rmSync(path);
    commit(store, change);
    expect(store.refresh()).toHaveLength(6);
  });
});

describe('a state file in whose place another one is put', () => {
  it('is left, and the other one is used', () => {
    const { store, path } = usedStore();
    const other = join(temporaryDirectory(), 'state.db');
    const otherStore = openStore(other);
    commit(otherStore, change);
    otherStore.close();
    renameSync(other, path);
    expect(store.refresh()).toHaveLength(2);
    expectToWork(store);
    expect([...readHistory(path)]).toHaveLength(4);
  });

  it('which is no state file is refused and not touched, until it is moved away', () => {
    const { store, path, entries } = usedStore();
    rmSync(path);
    writeFileSync(path, 'a letter to nobody, long enough to be mistaken for something else'.repeat(99));
    const bytes = readFileSync(path);
    for (let n = 0; n < 3; n += 1) expect(() => store.refresh()).toThrow();
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(store.unwritten(100)).toEqual(entries);
    expect(store.unwritten(1, entries[0]?.id)).toEqual(entries.slice(1));
    expect(() => store.unwritten(1, entries[1]?.id)).toThrow('not open');
    rmSync(path);
    expect(store.refresh()).toHaveLength(2);
    expectToWork(store);
  });
});

describe('the folder of the state file', () => {
  it('moved away and brought back is used again, with all that was in it', () => {
    const folder = join(temporaryDirectory(), 'state');
    mkdirSync(folder);
    const { store, entries } = usedStore(folder);
    renameSync(folder, `${folder}.away`);
    for (let n = 0; n < 3; n += 1) expect(() => store.refresh()).toThrow('ENOENT');
    expect(store.unwritten(100)).toEqual(entries);
    expect(existsSync(folder)).toBe(false);
    renameSync(`${folder}.away`, folder);
    expect(store.refresh()).toBeUndefined();
    expect(store.unwritten(100)).toEqual(entries);
    expectToWork(store);
  });

  it('deleted and made anew gets a new file, held by this watcher', () => {
    const folder = join(temporaryDirectory(), 'state');
    mkdirSync(folder);
    const { store, path, entries } = usedStore(folder);
    rmSync(folder, { recursive: true });
    expect(() => store.refresh()).toThrow('ENOENT');
    mkdirSync(folder);
    expect(store.refresh()).toEqual(entries);
    expectToWork(store);
    expect(() => openStore(path)).toThrow('another watcher is using this state file');
  });
});

describe('a state file overwritten with garbage while it is open', () => {
  it('is noticed, refused and left alone until it is moved away', () => {
    const { store, path } = usedStore();
    for (let n = 0; n < 2_000; n += 1) commit(store, change);
    writeFileSync(path, Buffer.alloc(400_000, 'garbage '));
    expect(() => {
      store.refresh();
      commit(store, change);
    }).toThrow();
    expect(() => store.refresh()).toThrow();
    renameSync(path, `${path}.bad`);
    expect(store.refresh()).toBeDefined();
    expectToWork(store);
  });
});

/** Counts the tables that are looked through from now on. */
function countLooks(): () => number {
  const prepare = vi.spyOn(DatabaseSync.prototype, 'prepare');
  onTestFinished(() => prepare.mockRestore());
  return () => prepare.mock.calls.filter(([sql]) => sql.includes('quick_check')).length;
}

describe('looking through a state file for damage', () => {
  const tables = 2;

  it('is done once, however often the file must be opened', () => {
    const { store, path } = usedStore();
    const looks = countLooks();
    for (let n = 1; n <= 5; n += 1) {
      utimesSync(path, n, n);
      expectToWork(store);
    }
    expect(looks()).toBe(tables);
  });

  it.skipIf(!canMount)('is done once while the file cannot be written (needs mount)', () => {
    const { store, folder } = usedStore();
    const copy = temporaryDirectory();
    execFileSync('sh', ['-c', `cp -a ${folder}/. ${copy}`]);
    const { unmount } = mountReadOnly(copy, folder);
    const looks = countLooks();
    for (let n = 0; n < 5; n += 1)
      expect(() => {
        store.refresh();
        commit(store, change);
      }).toThrow('readonly');
    expect(looks()).toBe(tables);
    unmount();
    store.refresh();
    expectToWork(store);
  });

  it('is done again after damage has shown', () => {
    const { store, path } = usedStore();
    store.commit(batchOf(...Array(200).fill(change)));
    const other = new DatabaseSync(path, { timeout: 5_000 });
    other.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    other.close();
    const bytes = readFileSync(path);
    writeFileSync(path, Buffer.from(bytes).fill(0x5a, 8_192));
    expect(() => {
      store.refresh();
      store.commit(batchOf(...Array(200).fill(change)));
    }).toThrow();
    expect(() => store.refresh()).toThrow('damaged');
    writeFileSync(path, bytes);
    expect(store.refresh()).toBeDefined();
    expectToWork(store);
  });
});

it('a state file locked by another program fails at once after the first time, and works when it is free', () => {
  const { store, path } = usedStore();
  const other = new DatabaseSync(path);
  other.exec('BEGIN EXCLUSIVE');
  expect(() => commit(store, change)).toThrow('locked');
  const begin = performance.now();
  for (let n = 0; n < 20; n += 1) {
    expect(store.refresh()).toBeUndefined();
    expect(() => commit(store, change)).toThrow('locked');
  }
  expect(performance.now() - begin).toBeLessThan(200);
  other.exec('ROLLBACK');
  expectToWork(store);
  other.close();
});

it.skipIf(!canMount)('a full disk fails whole batches, and works when there is space (needs mount)', () => {
  const { folder, resize } = mountTiny('256k');
  const { store } = usedStore(folder);
  expect(() => {
    for (let n = 0; n < 1_000; n += 1) commit(store, change);
  }).toThrow('full');
  const events = store.unwritten(10_000).length;
  expect(store.refresh()).toBeUndefined();
  expect(() => store.commit(batchOf(...Array(200).fill(change)))).toThrow('full');
  expect(store.unwritten(10_000)).toHaveLength(events);
  resize('8m');
  expectToWork(store);
  store.commit(batchOf(...Array(200).fill(change)));
});

it.skipIf(!canMount)('a tiny disk is used for what is stored, and not for its log (needs mount)', () => {
  const { folder } = mountTiny('256k');
  const { store, path } = usedStore(folder);
  // Every poll writes the state anew, which takes no more space in the file than before.
  for (let n = 0; n < 1_000; n += 1) store.commit({ ...batchOf(change), events: [] });
  expect(statSync(`${path}-wal`).size).toBeLessThan(100_000);
  expectToWork(store);
});

it.skipIf(!canMount)('a folder that became read-only is used again when it is writable (needs mount)', () => {
  const { store, folder, entries } = usedStore();
  const { unmount } = mountTiny('64k', { over: folder, readOnly: true });
  expect(() => store.refresh()).toThrow();
  expect(() => store.refresh()).toThrow();
  unmount();
  expect(store.refresh()).toBeUndefined();
  expect(store.unwritten(100)).toEqual(entries);
  expectToWork(store);
});
