import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { backUpFile } from '../../../src/state/sqlite/backup.ts';
import { openFileTarget } from '../../../src/state/sqlite/copy.ts';
import { openStore } from '../../../src/state/sqlite/store.ts';
import { readHistory } from '../read-record.ts';
import { commitEvents, eventOf, idsOf } from '../sample-change.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const former = new URL('../fixtures/schema-2.db', import.meta.url).pathname;

function openedStore() {
  const folder = temporaryDirectory();
  const path = join(folder, 'state.db');
  const store = openStore(path);
  onTestFinished(() => store.close());
  return { folder, path, store };
}

test('a backup beside a running watcher is one closed file, with what only the log of the state file has', async () => {
  const { folder, path, store } = openedStore();
  await commitEvents(store, eventOf('a'), eventOf('b'));
  const before = readdirSync(folder);
  const target = join(temporaryDirectory(), 'copy.db');
  backUpFile(path, target);
  await commitEvents(store, eventOf('c'));
  expect(idsOf(await readHistory(target))).toEqual(['a', 'b']);
  expect(readdirSync(join(target, '..'))).toEqual(['copy.db']);
  expect(readdirSync(folder)).toEqual(before);
  expect(statSync(target).mode & 0o777).toBe(0o640);
});

test('a watcher goes on with a backup where the former one was', async () => {
  const { folder, path, store } = openedStore();
  await commitEvents(store, eventOf('a'), eventOf('b'));
  await store.close();
  const target = join(folder, 'copy.db');
  backUpFile(path, target);
  expect(readdirSync(folder).filter((name) => name.startsWith('state'))).toEqual([
    'state.db',
    'state.db.lock',
  ]);
  const next = openStore(target);
  onTestFinished(() => next.close());
  expect((await commitEvents(next, eventOf('next')))[0]?.position).toBe(3);
});

test('a file of a former version is copied as it is, and stays as it is', () => {
  const folder = temporaryDirectory();
  const path = join(folder, 'state.db');
  copyFileSync(former, path);
  backUpFile(path, join(folder, 'copy.db'));
  expect(readFileSync(path).equals(readFileSync(former))).toBe(true);
  expect(readFileSync(join(folder, 'copy.db')).readUInt32BE(60)).toBe(2);
});

test('what is there is not replaced, also if it is a link to nothing or the log of a lost file', async () => {
  const { folder, path, store } = openedStore();
  await commitEvents(store, eventOf('a'));
  const target = join(folder, 'copy.db');
  writeFileSync(target, 'mine');
  expect(() => backUpFile(path, target)).toThrow(`${target} exists. A copy is made where nothing is`);
  expect(readFileSync(target, 'utf8')).toBe('mine');
  const link = join(folder, 'link.db');
  symlinkSync(join(folder, 'nothing'), link);
  expect(() => backUpFile(path, link)).toThrow('exists');
  const lost = join(folder, 'lost.db');
  writeFileSync(`${lost}-wal`, 'log');
  expect(() => backUpFile(path, lost)).toThrow(`${lost}-wal exists. It is a part of a file that was there`);
  await expect(openFileTarget(lost)).rejects.toThrow(`${lost}-wal exists.`);
});

test('a backup that cannot be made says why, and leaves nothing', async () => {
  const { folder, path, store } = openedStore();
  await commitEvents(store, eventOf('a'));
  const target = join(folder, 'copy.db');
  expect(() => backUpFile(path, join(folder, 'none', 'copy.db'))).toThrow(
    /copy\.db: the copy cannot be written: the folder .*none is missing \(ENOENT\)\. Make it, or name another file\.$/,
  );
  expect(() => backUpFile(path, join(path, 'copy.db'))).toThrow('(ENOTDIR)');
  expect(() => backUpFile(join(folder, 'other.db'), target)).toThrow('there is no state file yet');
  const torn = join(folder, 'torn.db');
  await store.close();
  writeFileSync(torn, readFileSync(path).fill(7, 4096));
  expect(() => backUpFile(torn, target)).toThrow(`${torn}: the state file is damaged`);
  writeFileSync(torn, 'no state file, but long enough to be read as one');
  expect(() => backUpFile(torn, target)).toThrow(`${torn}: this is not a usable state file`);
  expect(readdirSync(folder).filter((name) => name.startsWith('copy'))).toEqual([]);
});

test('what a killed backup left is replaced', async () => {
  const { folder, path, store } = openedStore();
  await commitEvents(store, eventOf('a'));
  const target = join(folder, 'copy.db');
  writeFileSync(`${target}.part`, 'half of it');
  backUpFile(path, target);
  expect(idsOf(await readHistory(target))).toEqual(['a']);
  mkdirSync(join(folder, 'b.db.part'));
  expect(() => backUpFile(path, join(folder, 'b.db'))).toThrow('cannot be written');
});
