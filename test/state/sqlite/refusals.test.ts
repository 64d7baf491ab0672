import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../../src/state/sqlite/store.ts';
import { StateError } from '../../../src/state/store.ts';
import { readHistory } from '../read-record.ts';
import { commitEvents, eventOf } from '../sample-change.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

/** Makes a state file with something in it. */
async function usedStateFile(path: string): Promise<void> {
  const store = openStore(path);
  await commitEvents(store, eventOf('a'));
  await store.close();
}

function change(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

const damaged =
  'this is not a usable state file (it is damaged, or something else). Move it away to start over, or set state.path to another file; it was not touched.';
const unsound =
  'the state file is damaged. Move it away to start over, or restore a copy; it was not touched.';
const foreign =
  'this is the database of another program. Set state.path to another file; it was not touched.';

const unusable: readonly (readonly [
  what: string,
  make: (path: string) => void | Promise<void>,
  message: string,
])[] = [
  ['random bytes', (path) => writeFileSync(path, Buffer.alloc(5_000, 'no database ')), damaged],
  [
    'a state file that lost its end',
    async (path) => {
      await usedStateFile(path);
      truncateSync(path, readFileSync(path).length - 4_096);
    },
    unsound,
  ],
  [
    'a state file whose pages are damaged',
    async (path) => {
      await usedStateFile(path);
      const bytes = readFileSync(path);
      writeFileSync(path, bytes.fill(0x5a, 4_096));
    },
    unsound,
  ],
  ['the database of another program', (path) => change(path, 'CREATE TABLE shop (price)'), foreign],
  [
    'the database of another program that numbers its versions, too',
    (path) => change(path, 'CREATE TABLE shop (price); PRAGMA user_version = 1; PRAGMA journal_mode = WAL'),
    foreign,
  ],
  [
    'a state file of a newer version',
    async (path) => {
      await usedStateFile(path);
      change(path, 'PRAGMA user_version = 4');
    },
    'the state file was written by a newer version of cutover-watch (its schema is 4, this version knows 3). Run that version, or set state.path to another file; it was not touched.',
  ],
];

function refusal(act: () => unknown): StateError {
  try {
    act();
  } catch (error) {
    if (error instanceof StateError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe.each(unusable)('%s', (_what, make, message) => {
  it('is refused by the store, with the remedy, and stays as it is', async () => {
    const path = join(temporaryDirectory(), 'state.db');
    await make(path);
    const bytes = readFileSync(path);
    expect(refusal(() => openStore(path)).message).toBe(`${path}: ${message}`);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it('is refused again, as the refusal holds nothing', async () => {
    const path = join(temporaryDirectory(), 'state.db');
    await make(path);
    refusal(() => openStore(path));
    expect(refusal(() => openStore(path)).message).toBe(`${path}: ${message}`);
  });

  it('is refused by the history in the same words', async () => {
    const path = join(temporaryDirectory(), 'state.db');
    await make(path);
    const bytes = readFileSync(path);
    await expect(readHistory(path)).rejects.toMatchObject({
      name: 'StateError',
      message: `${path}: ${message}`,
    });
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });
});

describe('a place that cannot hold a state file', () => {
  it('below a regular file is refused with the remedy', () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, 'text');
    const path = join(file, 'state.db');
    expect(refusal(() => openStore(path)).message).toBe(
      `${path}: the state file cannot be opened: ${file} cannot be used (ENOTDIR). Check this path, or set state.path to another place.`,
    );
    expect(readFileSync(file, 'utf8')).toBe('text');
  });

  it('that is a folder is refused with the remedy', () => {
    const path = join(temporaryDirectory(), 'state.db');
    mkdirSync(path);
    expect(refusal(() => openStore(path)).message).toBe(
      `${path}: the state file cannot be opened: ${path} is a folder. Move it away, or set state.path to a file.`,
    );
  });
});
