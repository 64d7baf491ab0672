import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { realStatePath, walLimitPages } from '../../../src/state/sqlite/files.ts';
import { openStore } from '../../../src/state/sqlite/store.ts';

let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'real-path-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('missing folders are created', () => {
  expect(realStatePath(join(folder, 'a/b/state.db'))).toBe(join(folder, 'a/b/state.db'));
  expect(realpathSync(join(folder, 'a/b'))).toBe(join(folder, 'a/b'));
});

test('a file and a folder are found behind a symbolic link', () => {
  mkdirSync(join(folder, 'real'));
  symlinkSync('real', join(folder, 'link'));
  expect(realStatePath(join(folder, 'link/state.db'))).toBe(join(folder, 'real/state.db'));
  writeFileSync(join(folder, 'real/state.db'), '');
  symlinkSync('real/state.db', join(folder, 'other.db'));
  expect(realStatePath(join(folder, 'other.db'))).toBe(join(folder, 'real/state.db'));
});

test('a second watcher is refused under another name of the same file', async () => {
  const path = join(folder, 'state.db');
  const store = openStore(path);
  symlinkSync('state.db', join(folder, 'link.db'));
  expect(() => openStore(join(folder, 'link.db'))).toThrow('another watcher is using this state file');
  await store.close();
});

test.skipIf(process.platform !== 'linux')(
  'a file system in which no folder can be created is refused at once',
  () => {
    expect(() => openStore('/proc/nope/state.db')).toThrow(/^\/proc\/nope\/state\.db: /);
  },
);

test.each([
  { disk: 'full', freeBytes: 0, pages: 8 },
  { disk: 'tiny', freeBytes: 256 * 1024, pages: 8 },
  { disk: 'small', freeBytes: 8 * 1024 * 1024, pages: 256 },
  { disk: 'of usual size', freeBytes: 20 * 1024 ** 3, pages: 1_000 },
  { disk: 'of unknown size', freeBytes: Number.POSITIVE_INFINITY, pages: 1_000 },
])('the write-ahead log on a disk that is $disk holds at most $pages pages', ({ freeBytes, pages }) => {
  expect(walLimitPages(freeBytes)).toBe(pages);
});
