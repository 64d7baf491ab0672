import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore as openDaemonStore } from '../../../src/daemon/open-store.ts';
import { openRecordFile } from '../../../src/state/sqlite/reader.ts';
import { openStore } from '../../../src/state/sqlite/store.ts';
import { StateError } from '../../../src/state/store.ts';
import { canMount, mountTiny } from '../mount.ts';
import { readHistory } from '../read-record.ts';
import { batchOf, commitEvents, eventOf, idsOf } from '../sample-change.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const other = 65_534;

function refusal(path: string): StateError {
  try {
    const store = openStore(path);
    void store.close();
  } catch (error) {
    if (error instanceof StateError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** Opens a state file in another process. */
const openScript = `
  import { openStore } from ${JSON.stringify(new URL('../../../src/state/sqlite/store.ts', import.meta.url).href)};
  let said = { reason: 'opened' };
  try { openStore(process.argv[1]); } catch ({ reason, message }) { said = { reason, message }; }
  process.stdout.write(JSON.stringify(said));`;

/** Reads one in another process. */
const readScript = `
  import { openRecordFile } from ${JSON.stringify(new URL('../../../src/state/sqlite/reader.ts', import.meta.url).href)};
  let said = { reason: 'opened' };
  try { await openRecordFile(process.argv[1]); } catch ({ reason, message }) { said = { reason, message }; }
  process.stdout.write(JSON.stringify(said));`;

/** Returns how another user is refused. */
function refusalOfOther(
  path: string,
  script = openScript,
): { readonly reason: string; readonly message: string } {
  const options = { encoding: 'utf8', uid: other, gid: other, cwd: '/' } as const;
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', script, path], options),
  ) as ReturnType<typeof refusalOfOther>;
}

/** Whether another user can run the program, where it is. */
function canBeOther(): boolean {
  if (process.geteuid?.() !== 0) return false;
  const program = new URL('../../../src/main.ts', import.meta.url).pathname;
  const options = { uid: other, gid: other, stdio: 'ignore' } as const;
  return [program, process.execPath].every((file) => spawnSync('test', ['-r', file], options).status === 0);
}

function opened(path: string) {
  const store = openStore(path);
  onTestFinished(() => store.close());
  return store;
}

async function usedFile(): Promise<string> {
  const path = join(temporaryDirectory(), 'state.db');
  const store = openStore(path);
  await commitEvents(store, eventOf('a'));
  await store.close();
  return path;
}

describe('a state file', () => {
  it('is created for its user and group alone, with all that belongs to it', async () => {
    const folder = temporaryDirectory();
    await commitEvents(opened(join(folder, 'state.db')), eventOf('a'));
    for (const name of readdirSync(folder))
      expect([name, statSync(join(folder, name)).mode & 0o027]).toEqual([name, 0]);
  });

  it('with another name is refused to a watcher while it is used under the first', async () => {
    const path = await usedFile();
    const link = join(temporaryDirectory(), 'linked.db');
    linkSync(path, link);
    const store = openStore(path);
    expect(refusal(link)).toMatchObject({ reason: 'held' });
    expect(refusal(link).message).toMatch('another program is using this state file under another name');
    await store.close();
    const next = opened(link);
    expect(refusal(path)).toMatchObject({ reason: 'held' });
    expect(await commitEvents(next, eventOf('b'))).toHaveLength(1);
  });

  it('is opened while its history is read', async () => {
    const path = await usedFile();
    const first = openStore(path);
    const record = await openRecordFile(path);
    const reading = record.events()[Symbol.asyncIterator]();
    expect((await reading.next()).value).toMatchObject({ eventId: 'a' });
    await first.close();
    const next = opened(path);
    expect(await commitEvents(next, eventOf('b'))).toHaveLength(1);
    await record.close();
  });
});

describe('what is no state file', () => {
  it.each([
    { what: 'a text', make: (path: string): void => writeFileSync(path, 'root:x:0:0\n'.repeat(100)) },
    {
      what: 'the database of another program',
      make: (path: string): void => {
        const database = new DatabaseSync(path);
        database.exec('CREATE TABLE shop (price)');
        database.close();
      },
    },
    { what: 'a folder', make: (path: string): void => mkdirSync(path) },
    {
      what: 'a pipe',
      make: (path: string): void => void execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', path]),
    },
  ])('($what) is refused, also behind a link, and nothing is left beside it', ({ make }) => {
    const folder = temporaryDirectory();
    const path = join(folder, 'passwd');
    make(path);
    const link = join(temporaryDirectory(), 'state.db');
    symlinkSync(path, link);
    for (const each of [path, link]) expect(refusal(each)).toMatchObject({ reason: 'damaged' });
    expect(readdirSync(folder)).toEqual(['passwd']);
  });
});

describe.skipIf(!canBeOther())('beside a watcher of another user (needs root)', () => {
  it('root makes files that belong to the owner of their folder, so that the watcher can open them', async () => {
    const path = join(temporaryDirectory(), 'state.db');
    const folder = dirname(path);
    chownSync(folder, other, other);
    const store = openStore(path);
    await commitEvents(store, eventOf('a'));
    const names = readdirSync(folder);
    expect(names).toEqual(expect.arrayContaining(['state.db', 'state.db-wal', 'state.db.lock']));
    for (const name of names) expect([name, statSync(join(folder, name)).uid]).toEqual([name, other]);
    await store.close();
    expect(refusalOfOther(path)).toEqual({ reason: 'opened' });
  });

  it('root makes a lock that belongs to the owner of the state file, and changes no file that is there', async () => {
    const path = await usedFile();
    chmodSync(dirname(path), 0o777);
    chownSync(path, other, other);
    rmSync(`${path}.lock`);
    await openStore(path).close();
    expect(statSync(`${path}.lock`).uid).toBe(other);
    chownSync(path, 0, 0);
    await openStore(path).close();
    expect(['', '.lock'].map((ending) => statSync(`${path}${ending}`).uid)).toEqual([0, other]);
  });
});

describe.skipIf(!canBeOther())('without the rights to write (needs root)', () => {
  it('a watcher is refused beside another and without it, and is told whose folder or file it is', async () => {
    const path = join(temporaryDirectory(), 'state.db');
    const folder = dirname(path);
    const store = opened(path);
    await commitEvents(store, eventOf('a'));
    chmodSync(folder, 0o755);
    for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o644);
    expect(refusalOfOther(path)).toEqual({
      reason: 'read_only',
      message: expect.stringMatching(
        `^${path}: the state file cannot be opened: no write access to ${folder} \\(EACCES\\); this process runs as user ${other}, group ${other}; it belongs to user 0, group 0, mode 755\\. .*chown.* ${other}:${other} .*, or set state\\.path to another place\\.$`,
      ),
    });
    await store.close();
    expect(refusalOfOther(path)).toMatchObject({ reason: 'read_only' });
    chmodSync(folder, 0o777);
    chownSync(`${path}.lock`, other, other);
    expect(refusalOfOther(path)).toMatchObject({
      reason: 'read_only',
      message: expect.stringContaining(`no write access to ${path} (EACCES)`),
    });
  });

  it('who may not read the history is told to be its owner or root, in a folder of others and for a file of others', async () => {
    const path = join(temporaryDirectory(), 'state.db');
    const store = opened(path);
    await commitEvents(store, eventOf('a'));
    await store.close();
    const self = `${path}: the state file may not be read (EACCES); this process runs as user ${other}, group ${other}`;
    for (const [ofFolder, ofFile, told] of [
      [0o700, 0o644, `${self}. Run this as its owner or as root, such as with sudo.`],
      [
        0o755,
        0o600,
        `${self}; it belongs to user 0, group 0, mode 600. Run this as root, such as with sudo.`,
      ],
    ] as const) {
      chmodSync(dirname(path), ofFolder);
      chmodSync(path, ofFile);
      expect(refusalOfOther(path, readScript)).toEqual({ reason: 'read_only', message: told });
    }
  });
});

describe('a place that can only be read', () => {
  it.skipIf(!canMount)('a read-only mount is named as the cause (needs mount)', () => {
    const { folder } = mountTiny('64k', { readOnly: true });
    const refused = refusal(join(folder, 'state.db'));
    expect(refused).toMatchObject({ reason: 'read_only' });
    expect(refused.message).toMatch(
      `${folder} is on a file system that is mounted read-only (EROFS). Mount `,
    );
  });
});

it('a folder in the place of the state file is named while the watcher runs', async () => {
  const path = join(temporaryDirectory(), 'state.db');
  const store = opened(path);
  await commitEvents(store, eventOf('a'));
  execFileSync('sh', ['-c', 'rm "$1"* && mkdir "$1"', 'sh', path]);
  await expect(store.commit(batchOf())).rejects.toMatchObject({
    reason: 'damaged',
    remedy: `${path} is a folder. Move it away, or set state.path to a file.`,
  });
});

it('too few handles for open files are named as the cause', async () => {
  const script = `
    import { openSync } from 'node:fs';
    import { openStore } from ${JSON.stringify(new URL('../../../src/state/sqlite/store.ts', import.meta.url).href)};
    const handles = [];
    try { for (;;) handles.push(openSync('/dev/null')); } catch {}
    process.once('exit', () => handles.length);
    try { openStore(process.argv[1]); } catch (error) { process.stdout.write(error.message); }`;
  const path = join(temporaryDirectory(), 'state.db');
  const text = execFileSync(
    'sh',
    ['-c', 'ulimit -n 60 && exec "$0" --input-type=module -e "$1" "$2"', process.execPath, script, path],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  expect(text).toMatch('this process has too many open files (EMFILE). Raise its limit of open files');
});

it('the copy of a file that an upgrade keeps is closed to others, and the upgrade says once where it is', async () => {
  const path = join(temporaryDirectory(), 'state.db');
  const fixture = new URL('../fixtures/schema-2.db', import.meta.url).pathname;
  writeFileSync(path, readFileSync(fixture));
  const before = await readHistory(path);
  const said: string[] = [];
  const open = () =>
    openDaemonStore(
      { kind: 'file', path },
      () => {},
      (sentence) => said.push(sentence),
    );
  for (let n = 0; n < 2; n += 1) await (await open()).store.close();
  const copy = `${path}.schema-2`;
  expect(said).toEqual([
    expect.stringMatching(
      `^${path}: the format of the state file was brought from schema 2 to 3, .* The former file is kept as ${copy}: `,
    ),
  ]);
  expect(statSync(copy).mode & 0o027).toBe(0);
  expect(idsOf(await readHistory(copy))).toEqual(idsOf(before));
  const database = new DatabaseSync(copy, { readOnly: true });
  expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 2 });
  database.close();
});
