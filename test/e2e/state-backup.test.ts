import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../src/state/sqlite/store.ts';
import { orders as ids } from '../state/sample-change.ts';
import { runToEnd, temporaryFolder, writeConfig } from './program.ts';

const orders = { name: 'orders', ...ids };

test('a backup says where it is and how to go back to it; it replaces nothing, and a database has tools of its own', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'state.db');
  await openStore(path).close();
  const config = writeConfig(folder, { state: { path }, migrations: [orders] });
  const [target, taken, urlFile] = ['copy.db', 'taken.db', 'url'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(taken, '');
  writeFileSync(urlFile, 'postgresql://watch:hush-hush@127.0.0.1:9/watch\n', { mode: 0o600 });
  const database = writeConfig(temporaryFolder(), { state: { urlFile }, migrations: [orders] });
  const [made, refused, elsewhere] = await Promise.all([
    runToEnd(['state', 'backup', target, '-c', config]),
    runToEnd(['state', 'backup', taken, '-c', config]),
    runToEnd(['state', 'backup', join(folder, 'none.db'), '-c', database]),
  ]);
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(made.stdout).toContain(
    `Copied ${path} to ${target}. To go back to it: stop the watcher, move ${path}`,
  );
  expect(existsSync(target)).toBe(true);
  expect(refused).toMatchObject({
    code: 73,
    stdout: '',
    stderr: expect.stringContaining('taken.db exists.'),
  });
  expect(elsewhere).toMatchObject({ code: 64, stdout: '', stderr: expect.stringContaining('pg_dump') });
});
