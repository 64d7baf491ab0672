import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { openFileSource, openFileTarget } from '../../../src/state/sqlite/copy.ts';
import { openRequestBox } from '../../../src/state/sqlite/request-box.ts';
import { openStore } from '../../../src/state/sqlite/store.ts';
import { contentOf, copied, fill, filled, leaveRequests } from '../copied-content.ts';
import { readFile } from '../read-record.ts';
import { batchOf, commitEvents, eventOf } from '../sample-change.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

/** A state file with some of everything; the first events are gone, as after some weeks. */
async function filledFile(): Promise<{ readonly folder: string; readonly path: string }> {
  const folder = temporaryDirectory();
  const path = join(folder, 'state.db');
  const store = openStore(path);
  await fill(store);
  await store.close();
  const box = await openRequestBox(path);
  await leaveRequests(box);
  await box.close();
  const database = new DatabaseSync(path);
  database.exec("DELETE FROM event WHERE id < 4 OR id = 9; INSERT INTO request VALUES ('x', 'no request')");
  database.close();
  return { folder, path };
}

async function contentIn(path: string): Promise<object> {
  const store = openStore(path);
  try {
    return await readFile(path, (record) => contentOf(record, store));
  } finally {
    await store.close();
  }
}

test('a copy of a file has all of it, with the same positions, and is complete when it is there', async () => {
  const { folder, path } = await filledFile();
  const copy = join(folder, 'folder', 'copy.db');
  const counts = await copied(
    () => openFileSource(path),
    async () => {
      const target = await openFileTarget(copy);
      return {
        ...target,
        async write(page) {
          expect(existsSync(copy)).toBe(false);
          await target.write(page);
        },
      };
    },
  );
  expect(counts).toEqual({ ...filled, events: filled.events - 4 });
  expect(await contentIn(copy)).toEqual(await contentIn(path));
  expect(readdirSync(join(folder, 'folder'))).toEqual(['copy.db', 'copy.db.lock']);
  // A watcher goes on where the former one was.
  const store = openStore(copy);
  onTestFinished(() => store.close());
  expect((await commitEvents(store, eventOf('next')))[0]?.position).toBe(filled.events + 1);
});

test('a copy that is interrupted leaves nothing at its place, and the next one begins again', async () => {
  const { folder, path } = await filledFile();
  const copy = join(folder, 'copy.db');
  const cut = async () => {
    const target = await openFileTarget(copy);
    return { ...target, finish: () => Promise.reject(new Error('cut')) };
  };
  await expect(copied(() => openFileSource(path), cut)).rejects.toThrow('cut');
  expect(readdirSync(folder).filter((name) => name.startsWith('copy'))).toEqual(['copy.db.lock']);
  // This is what a killed process leaves.
  writeFileSync(`${copy}.copy`, 'half of it');
  await copied(
    () => openFileSource(path),
    () => openFileTarget(copy),
  );
  expect(await contentIn(copy)).toEqual(await contentIn(path));
});

test('a file that a watcher uses is not copied, and nothing is copied over what is there', async () => {
  const { folder, path } = await filledFile();
  const store = openStore(path);
  await expect(openFileSource(path)).rejects.toMatchObject({ name: 'StateError', reason: 'held' });
  await store.close();
  await expect(openFileSource(join(folder, 'none.db'))).rejects.toThrow('there is no state file yet');
  expect(readdirSync(folder)).toEqual(['state.db', 'state.db.lock']);
  await expect(openFileTarget(path)).rejects.toThrow(`${path} exists. A copy is made where nothing is`);
  const lost = join(folder, 'lost.db');
  const watcher = openStore(lost);
  onTestFinished(() => watcher.close());
  await watcher.commit(batchOf({ events: [eventOf('a')] }));
  new DatabaseSync(lost).close();
  await expect(openFileTarget(lost)).rejects.toThrow('exists');
  await expect(openFileTarget(join(path, 'below'))).rejects.toMatchObject({ name: 'StateError' });
});
