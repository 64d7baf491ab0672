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
import { openStore } from '../../../src/state/sqlite/store.ts';
import type { Store } from '../../../src/state/store.ts';
import { canMount, mountReadOnly, mountTiny } from '../mount.ts';
import { readHistory } from '../read-record.ts';
import { batchOf, eventOf, idsOf, orders, recordedState } from '../sample-change.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const batch = batchOf({ states: [recordedState()], events: [eventOf('a'), eventOf('b')] });
const largeBatch = batchOf({ ...batch, events: Array(400).fill(eventOf('c')) });
const many = 10_000;
const held = 'another watcher is using this state file';

/** A store that has one batch. */
async function usedStore(folder = temporaryDirectory()) {
  const path = join(folder, 'state.db');
  const store = openStore(path);
  onTestFinished(() => store.close());
  await store.commit(batch);
  return { folder, path, store };
}

async function expectReplaced(store: Store, position = 0): Promise<void> {
  expect(await store.commit(batch)).toEqual({ replaced: true, position });
}

/** Expects that the store is the same as before, and takes commits. */
async function expectToWork(store: Store): Promise<void> {
  const before = (await store.eventsFrom(0, many)).length;
  expect(await store.commit(batch)).toMatchObject({ replaced: false });
  expect(await store.eventsFrom(0, many)).toHaveLength(before + 2);
  expect(await store.states([orders])).toEqual([recordedState()]);
}

describe('a state file that nobody touches', () => {
  it('is not opened again, whatever is written', async () => {
    const { store, path } = await usedStore();
    const { ino } = statSync(`${path}-wal`);
    for (let n = 0; n < 2_000; n += 1) await store.commit(batch);
    await expectToWork(store);
    expect(statSync(`${path}-wal`).ino).toBe(ino);
  });

  it('is not opened again because of readers', async () => {
    const { store, path } = await usedStore();
    const { ino } = statSync(`${path}-wal`);
    expect(await readHistory(path)).toHaveLength(2);
    await expectToWork(store);
    expect(statSync(`${path}-wal`).ino).toBe(ino);
  });
});

describe('a state file that is taken away', () => {
  it.each([
    { how: 'deleted', takeAway: (path: string): unknown => rmSync(path) },
    { how: 'moved', takeAway: (path: string): unknown => renameSync(path, `${path}.old`) },
    {
      how: 'deleted with all that belongs to it',
      takeAway: (path: string): unknown => execFileSync('sh', ['-c', `rm ${path}*`]),
    },
  ])('($how) is replaced by a new one, into which nothing of the batch is written', async ({ takeAway }) => {
    const { store, path } = await usedStore();
    takeAway(path);
    await expectReplaced(store);
    expect(existsSync(path)).toBe(true);
    expect(await store.states([orders])).toEqual([]);
    expect(await store.eventsFrom(0, many)).toEqual([]);
    await expectToWork(store);
  });

  it('is found to be gone also by a commit of nothing', async () => {
    const { store, path } = await usedStore();
    rmSync(path);
    expect(await store.commit(batchOf())).toEqual({ replaced: true, position: 0 });
    expect(existsSync(path)).toBe(true);
  });

  it('is still held: no other watcher can take it', async () => {
    const { store, path } = await usedStore();
    execFileSync('sh', ['-c', `rm ${path}*`]);
    await expectReplaced(store);
    expect(() => openStore(path)).toThrow(held);
  });

  it('and was taken by another watcher meanwhile is left to that one', async () => {
    const { store, path } = await usedStore();
    execFileSync('sh', ['-c', `rm ${path}*`]);
    const other = openStore(path);
    await expect(store.commit(batch)).rejects.toMatchObject({ reason: 'held' });
    await other.close();
    await expectReplaced(store);
    await expectToWork(store);
  });

  it('but only moved has everything at its new place', async () => {
    const { store, path } = await usedStore();
    renameSync(path, `${path}.old`);
    await expectReplaced(store);
    expect(idsOf(await readHistory(`${path}.old`))).toEqual(['a', 'b']);
  });

  it('and whose log is deleted is opened again with all that was in it', async () => {
    const { store, path } = await usedStore();
    rmSync(`${path}-wal`);
    await expectToWork(store);
    expect(await readHistory(path)).toHaveLength(4);
  });
});

describe('a state file in whose place another one is put', () => {
  it('is left, and the other one is used, with its positions', async () => {
    const { store, path } = await usedStore();
    const other = join(temporaryDirectory(), 'state.db');
    const otherStore = openStore(other);
    await otherStore.commit(batch);
    await otherStore.commit(batch);
    await otherStore.close();
    renameSync(other, path);
    await expectReplaced(store, 4);
    await expectToWork(store);
    expect(await readHistory(path)).toHaveLength(6);
  });

  it('which is not a state file is refused and not touched, until it is moved away', async () => {
    const { store, path } = await usedStore();
    rmSync(path);
    writeFileSync(path, 'a letter, long enough to be mistaken for something else'.repeat(99));
    const bytes = readFileSync(path);
    for (let n = 0; n < 3; n += 1)
      await expect(store.commit(batch)).rejects.toMatchObject({ reason: 'damaged' });
    expect(readFileSync(path).equals(bytes)).toBe(true);
    await expect(store.eventsFrom(0, 1)).rejects.toThrow('not open');
    rmSync(path);
    await expectReplaced(store);
    await expectToWork(store);
  });
});

describe('the folder of the state file', () => {
  it('moved away and brought back is used again, with all that was in it', async () => {
    const folder = join(temporaryDirectory(), 'state');
    mkdirSync(folder);
    const { store } = await usedStore(folder);
    renameSync(folder, `${folder}.away`);
    for (let n = 0; n < 3; n += 1)
      await expect(store.commit(batch)).rejects.toMatchObject({ reason: 'missing' });
    expect(existsSync(folder)).toBe(false);
    renameSync(`${folder}.away`, folder);
    await expectToWork(store);
    expect(await store.eventsFrom(0, many)).toHaveLength(4);
  });

  it('deleted and created again gets a new file, held by this watcher', async () => {
    const folder = join(temporaryDirectory(), 'state');
    mkdirSync(folder);
    const { store, path } = await usedStore(folder);
    rmSync(folder, { recursive: true });
    await expect(store.commit(batch)).rejects.toMatchObject({ reason: 'missing' });
    mkdirSync(folder);
    await expectReplaced(store);
    await expectToWork(store);
    expect(() => openStore(path)).toThrow(held);
  });
});

it('a state file overwritten with garbage while it is open is refused and left alone until it is moved away', async () => {
  const { store, path } = await usedStore();
  for (let n = 0; n < 2_000; n += 1) await store.commit(batch);
  writeFileSync(path, Buffer.alloc(400_000, 'garbage '));
  for (let n = 0; n < 2; n += 1)
    await expect(store.commit(batch)).rejects.toMatchObject({ name: 'StateError' });
  renameSync(path, `${path}.bad`);
  await expectReplaced(store);
  await expectToWork(store);
});

/** Counts the tables that are checked from now on. */
function countChecks(): () => number {
  const prepare = vi.spyOn(DatabaseSync.prototype, 'prepare');
  onTestFinished(() => prepare.mockRestore());
  return () => prepare.mock.calls.filter(([sql]) => sql.includes('quick_check')).length;
}

describe('the check of a state file for damage', () => {
  const tables = 2;

  it('is made once, however often the file must be opened', async () => {
    const { store, path } = await usedStore();
    const checks = countChecks();
    for (let n = 1; n <= 5; n += 1) {
      utimesSync(path, n, n);
      await expectToWork(store);
    }
    expect(checks()).toBe(tables);
  });

  it.skipIf(!canMount)('is made once at most while it is read-only (needs mount)', async () => {
    const { store, folder } = await usedStore();
    const copy = temporaryDirectory();
    execFileSync('sh', ['-c', `cp -a ${folder}/. ${copy}`]);
    const { unmount } = mountReadOnly(copy, folder);
    const checks = countChecks();
    for (let n = 0; n < 5; n += 1) {
      // The copy is another file.
      const result = store
        .commit(batch)
        .then((committed) => (committed.replaced ? store.commit(batch) : committed));
      await expect(result).rejects.toMatchObject({ reason: 'read_only' });
    }
    expect(checks()).toBeLessThanOrEqual(tables);
    unmount();
    await expectToWork(store);
  });

  it('is made again after damage has shown', async () => {
    const { store, path } = await usedStore();
    await store.commit(largeBatch);
    const other = new DatabaseSync(path, { timeout: 5_000 });
    other.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    other.close();
    const bytes = readFileSync(path);
    writeFileSync(path, Buffer.from(bytes).fill(0x5a, 8_192));
    await expect(store.commit(largeBatch)).rejects.toMatchObject({ reason: 'damaged' });
    await expect(store.commit(batch)).rejects.toThrow('damaged');
    writeFileSync(path, bytes);
    await expectReplaced(store, 402);
    await expectToWork(store);
  });
});

it('a state file locked by another program fails at once after the first time, and works when it is free', async () => {
  const { store, path } = await usedStore();
  const other = new DatabaseSync(path);
  other.exec('BEGIN EXCLUSIVE');
  await expect(store.commit(batch)).rejects.toMatchObject({ reason: 'locked' });
  const begin = performance.now();
  for (let n = 0; n < 20; n += 1) await expect(store.commit(batch)).rejects.toThrow('locked');
  expect(performance.now() - begin).toBeLessThan(200);
  other.exec('ROLLBACK');
  await expectToWork(store);
  other.close();
});

it.skipIf(!canMount)(
  'a full disk fails whole batches, and works when there is space (needs mount)',
  async () => {
    const { folder, resize } = mountTiny('256k');
    const { store } = await usedStore(folder);
    await expect(
      (async () => {
        for (let n = 0; n < 1_000; n += 1) await store.commit(batch);
      })(),
    ).rejects.toMatchObject({ reason: 'disk_full' });
    const before = (await store.eventsFrom(0, many)).length;
    await expect(store.commit(largeBatch)).rejects.toMatchObject({ reason: 'disk_full' });
    expect(await store.eventsFrom(0, many)).toHaveLength(before);
    resize('8m');
    await expectToWork(store);
    expect(await store.commit(largeBatch)).toMatchObject({ replaced: false });
  },
);

it.skipIf(!canMount)(
  'a tiny disk is used for what is stored, and not for its log (needs mount)',
  async () => {
    const { folder } = mountTiny('256k');
    const { store, path } = await usedStore(folder);
    // Every poll writes the state, which takes no more space in the file than before.
    for (let n = 0; n < 1_000; n += 1) await store.commit(batchOf({ states: [recordedState(`S${n}`)] }));
    expect(statSync(`${path}-wal`).size).toBeLessThan(100_000);
    await store.commit(batch);
    await expectToWork(store);
  },
);

it.skipIf(!canMount)(
  'a folder that became read-only is used again when it is writable (needs mount)',
  async () => {
    const { store, folder } = await usedStore();
    const { unmount } = mountTiny('64k', { over: folder, readOnly: true });
    for (let n = 0; n < 2; n += 1)
      await expect(store.commit(batch)).rejects.toMatchObject({ reason: 'read_only' });
    unmount();
    await expectToWork(store);
  },
);
