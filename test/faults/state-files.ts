import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';
import { configFor, groupId, migrationId, startAtlas } from '../e2e/atlas-by-hand.ts';
import { runToEnd, temporaryFolder, writeConfig } from '../e2e/program.ts';
import { canMount, mountTiny } from '../state/mount.ts';
import { type Row, type ScenarioRow, turnsReady } from './row.ts';
import {
  before,
  expectExit,
  expectKept,
  expectResumed,
  expectSeen,
  faultConfig,
  ready,
  startWatched,
} from './watched.ts';

const mounting = { name: 'the right to mount', here: canMount };

/** Plays a state file that cannot be written for a while. */
async function playStateTrouble(
  row: Row,
  folder: string,
  { begin, end, pressing = 0 }: { begin: () => void; end: () => void; pressing?: number },
): Promise<void> {
  const atlas = await startAtlas();
  let restless = true;
  for (let n = 1; n <= pressing; n += 1) {
    let step = 0;
    atlas.simulator.setScript(`${groupId}/${migrationId(n)}`, () => {
      if (restless) step += 1;
      return { _id: migrationId(n), status: `STEP_${step}` };
    });
  }
  const config = {
    ...faultConfig(atlas.simulator.baseUrl, 1 + pressing),
    state: { path: join(folder, 'state.db') },
  };
  const { tells, program, file } = await startWatched(row, { atlas, config });
  for (let n = 1; n <= pressing; n += 1)
    await program.until(({ event, migration }) => event === 'migration.first_seen' && migration === `m${n}`);
  begin();
  expectSeen(row, await tells('watcher.state_unavailable'));
  // What goes on and on for as long as the machine is slow would not fit, with space or without.
  restless = false;
  atlas.say(0, ready);
  await tells('migration.ready_for_cutover');
  end();
  expect.soft(await tells('watcher.state_recovered'), row.fault).toMatchObject({ level: 'info' });
  await expectExit(row, program);
  expectKept(
    row,
    program.events.filter(({ migration }) => migration === 'm0'),
  );
  for (let n = 1; n <= pressing; n += 1) atlas.say(n, {});
  await expectResumed(row, file, 1 + pressing);
}

async function playFullDisk(row: Row): Promise<void> {
  const { folder } = mountTiny('1m');
  const filler = join(folder, 'filler');
  await playStateTrouble(row, folder, {
    begin: () => void execFileSync('sh', ['-c', 'cat /dev/zero > "$1" 2>/dev/null || true', 'sh', filler]),
    end: () => rmSync(filler),
    // Room that the file has already is used up first.
    pressing: 10,
  });
}

async function playReadOnly(row: Row): Promise<void> {
  const folder = temporaryFolder();
  let mount: ReturnType<typeof mountTiny> | undefined;
  await playStateTrouble(row, folder, {
    begin: () => {
      mount = mountTiny('64k', { over: folder, readOnly: true });
    },
    end: () => mount?.unmount(),
  });
}

const garbage = Buffer.alloc(50_000, 'garbage ');

async function playFolderGone(row: Row): Promise<void> {
  const folder = join(temporaryFolder(), 'state');
  mkdirSync(folder);
  await playStateTrouble(row, folder, {
    begin: () => rmSync(folder, { recursive: true }),
    end: () => mkdirSync(folder),
  });
}

async function playDamaged(row: Row): Promise<void> {
  const folder = temporaryFolder();
  const path = join(folder, 'state.db');
  await playStateTrouble(row, folder, {
    begin: () => {
      // What is still in the log beside the file would mend it again.
      const other = new DatabaseSync(path, { timeout: 5_000 });
      other.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      other.close();
      writeFileSync(path, garbage);
    },
    end: () => renameSync(path, `${path}.bad`),
  });
}

/** Whoever cleans up the files of a running program finds it making them anew. */
async function playDeleted(row: Row): Promise<void> {
  const folder = temporaryFolder();
  const { atlas, file, program, tells } = await startWatched(row, {
    config: { state: { path: join(folder, 'state.db') } },
  });
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  atlas.say(0, ready);
  expectSeen(row, await tells('migration.ready_for_cutover'));
  await expectExit(row, program);
  expectKept(row, program.events);
  await expectResumed(row, file);
}

/** Plays a state file that is refused at the start, and is usable for the run after. */
async function playRefusedState(
  row: Row,
  { spoil, mend }: { spoil: (path: string) => void; mend: (path: string) => void },
): Promise<void> {
  const atlas = await startAtlas();
  atlas.say(0, before);
  const folder = temporaryFolder();
  const path = join(folder, 'state.db');
  const file = writeConfig(temporaryFolder(), { ...configFor(atlas.simulator.baseUrl), state: { path } });
  const args = ['run', '--once', '-c', file];
  const first = await runToEnd(args);
  copyFileSync(path, `${path}.copy`);
  spoil(path);
  expectRefused(row, await runToEnd(args));
  mend(path);
  atlas.say(0, ready);
  const last = await runToEnd(args);
  expect.soft({ fault: row.fault, code: last.code, resumed: last.events[0]?.resumed }).toEqual({
    fault: row.fault,
    code: 0,
    resumed: 1,
  });
  expectKept(row, [...first.events, ...last.events]);
}

function expectRefused(row: Row, { code, stderr, stdout }: Awaited<ReturnType<typeof runToEnd>>): void {
  expect.soft({ fault: row.fault, code, stderr, stdout }).toEqual({
    fault: row.fault,
    code: row.sees.exit,
    stderr: expect.stringMatching(row.sees.stderr ?? /^$/),
    stdout: '',
  });
}

async function playCorrupt(row: Row): Promise<void> {
  await playRefusedState(row, {
    spoil: (path) => writeFileSync(path, garbage),
    mend: (path) => {
      expect.soft(readFileSync(path).equals(garbage), 'it is left as it is').toBe(true);
      renameSync(`${path}.copy`, path);
    },
  });
}

async function playReadOnlyAtStart(row: Row): Promise<void> {
  let mount: ReturnType<typeof mountTiny> | undefined;
  await playRefusedState(row, {
    spoil: (path) => {
      mount = mountTiny('64k', { over: dirname(path), readOnly: true });
    },
    mend: () => mount?.unmount(),
  });
}

async function playSecondWatcher(row: Row): Promise<void> {
  const { atlas, file, program, tells } = await startWatched(row);
  expectRefused(row, await runToEnd(['run', '-c', file]));
  atlas.say(0, ready);
  await tells('migration.ready_for_cutover');
  await expectExit({ ...row, sees: { exit: 0 } }, program);
  expectKept(row, program.events);
  await expectResumed(row, file);
}

const stateRow = (
  fault: string,
  covers: string,
  injected: string,
  sees: ScenarioRow['sees'],
  play: ScenarioRow['play'],
): ScenarioRow => ({
  fault,
  covers: [covers],
  injected,
  sees,
  keeps: turnsReady,
  recovers: sees.event === undefined ? 'next run: it takes up the state' : 'watcher.state_recovered',
  play,
});

export const stateRows: readonly ScenarioRow[] = [
  {
    ...stateRow(
      'a full disk',
      'disk full',
      'a small disk in memory is filled while the program runs',
      {
        event: 'watcher.state_unavailable',
        level: 'error',
        reason: 'disk_full',
        remedy: /[Ff]ree/,
        exit: 0,
      },
      playFullDisk,
    ),
    needs: mounting,
  },
  {
    ...stateRow(
      'a state folder that becomes read-only',
      'read-only',
      'a read-only disk is mounted over the folder while the program runs',
      {
        event: 'watcher.state_unavailable',
        level: 'error',
        reason: 'read_only',
        remedy: /write access/,
        exit: 0,
      },
      playReadOnly,
    ),
    needs: mounting,
  },
  stateRow(
    'a state folder that is deleted while the program runs',
    'state folder gone',
    'rm -r on the folder',
    { event: 'watcher.state_unavailable', level: 'error', reason: 'missing', exit: 0 },
    playFolderGone,
  ),
  stateRow(
    'a state file that is damaged while the program runs',
    'state file damaged',
    'garbage is written over it',
    { event: 'watcher.state_unavailable', level: 'error', reason: 'damaged', exit: 0 },
    playDamaged,
  ),
  {
    ...stateRow(
      'a state file that is deleted while the program runs',
      'state file deleted',
      'rm on it and the files beside it',
      { event: 'migration.ready_for_cutover', level: 'warn', exit: 0 },
      playDeleted,
    ),
    recovers: 'goes on: the file is made anew with all that is known',
  },
  {
    ...stateRow(
      'a state folder that is read-only at the start',
      'read-only',
      'a read-only disk is mounted over the folder before the start',
      { stderr: /state\.db: .*(write access|needs to write there)/, exit: 73 },
      playReadOnlyAtStart,
    ),
    needs: mounting,
  },
  stateRow(
    'a corrupt state file',
    'corrupt store',
    'garbage is written over the state file before the start',
    { stderr: /state\.db: this is no usable state file.* Move it away/, exit: 73 },
    playCorrupt,
  ),
  {
    ...stateRow(
      'a second watcher',
      'second watcher',
      'the program is started twice with one state file',
      { stderr: /state\.db: another watcher/, exit: 73 },
      playSecondWatcher,
    ),
    recovers: 'goes on: the first is not disturbed',
  },
];
