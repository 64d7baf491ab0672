import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { realStatePath } from '../../src/state/real-path.ts';
import { openStore } from '../../src/state/sqlite-store.ts';

let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'real-path-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('missing folders are made', () => {
  expect(realStatePath(join(folder, 'a/b/state.db'))).toBe(join(folder, 'a/b/state.db'));
  expect(realpathSync(join(folder, 'a/b'))).toBe(join(folder, 'a/b'));
});

test('a file and a folder behind a symbolic link are found', () => {
  mkdirSync(join(folder, 'real'));
  symlinkSync('real', join(folder, 'link'));
  expect(realStatePath(join(folder, 'link/state.db'))).toBe(join(folder, 'real/state.db'));
  writeFileSync(join(folder, 'real/state.db'), '');
  symlinkSync('real/state.db', join(folder, 'other.db'));
  expect(realStatePath(join(folder, 'other.db'))).toBe(join(folder, 'real/state.db'));
});

test('a second watcher is refused under another name of the same file too', () => {
  const path = join(folder, 'state.db');
  const store = openStore(path);
  symlinkSync('state.db', join(folder, 'link.db'));
  expect(() => openStore(join(folder, 'link.db'))).toThrow('another watcher is using this state file');
  store.close();
});

test.skipIf(process.platform !== 'linux')(
  'a file system that has no folders to make is refused, and at once',
  () => {
    expect(() => openStore('/proc/nope/state.db')).toThrow(/^\/proc\/nope\/state\.db: /);
  },
);
