import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';
import { groupId, migrationId, startAtlas } from '../e2e/atlas-by-hand.ts';
import { temporaryFolder } from '../e2e/program.ts';
import { canMount, mountTiny } from '../state/mount.ts';
import { type Row, type ScenarioRow, turnsReady } from './row.ts';
import {
  expectExit,
  expectKept,
  expectResumed,
  expectSeen,
  faultConfig,
  ready,
  startWatched,
} from './watched.ts';

const prlimit = { name: 'prlimit', here: spawnSync('prlimit', ['--version']).status === 0 };
export const mounting = { name: 'the right to mount', here: canMount };

/** What spoils the writing of a running program, by its process id, and what lets it write again. */
interface StateTrouble {
  readonly begin: (pid: number) => void;
  readonly end: (pid: number) => void;
  /** How many more migrations change at every poll, so that there is much to write. */
  readonly pressing?: number;
}

/** Plays a state file that cannot be written for a while. */
async function playStateTrouble(
  row: Row,
  folder: string,
  { begin, end, pressing = 0 }: StateTrouble,
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
  const { emits, program, file } = await startWatched(row, { atlas, config });
  for (let n = 1; n <= pressing; n += 1)
    await program.until(({ event, migration }) => event === 'migration.first_seen' && migration === `m${n}`);
  const pid = program.child.pid ?? Number.NaN;
  begin(pid);
  expectSeen(row, await emits('watcher.state_unavailable'));
  // What goes on and on for as long as the machine is slow would not fit, with space or without.
  restless = false;
  atlas.say(0, ready);
  await emits('migration.ready_for_cutover');
  end(pid);
  expect.soft(await emits('watcher.state_recovered'), row.fault).toMatchObject({ level: 'info' });
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

/** SQLite reports a write beyond the limit as an I/O error. */
async function playWriteError(row: Row): Promise<void> {
  await playStateTrouble(row, temporaryFolder(), {
    begin: (pid) => limitFiles(pid, '1'),
    end: (pid) => limitFiles(pid, 'unlimited'),
    // What a poll only confirms is written after three minutes.
    pressing: 1,
  });
}

/** Sets the size up to which a running program may write files. */
function limitFiles(pid: number, bytes: string): void {
  execFileSync('prlimit', [`--pid=${pid}`, `--fsize=${bytes}:`]);
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

export const garbage = Buffer.alloc(50_000, 'garbage ');

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
      // What is still in the log beside the file would repair it again.
      const other = new DatabaseSync(path, { timeout: 5_000 });
      other.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      other.close();
      writeFileSync(path, garbage);
    },
    end: () => renameSync(path, `${path}.bad`),
  });
}

/** Somebody who deletes the files of a running program finds that it creates them again. */
async function playDeleted(row: Row): Promise<void> {
  const folder = temporaryFolder();
  const { atlas, file, program, emits } = await startWatched(row, {
    config: { state: { path: join(folder, 'state.db') } },
  });
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  atlas.say(0, ready);
  expectSeen(row, await emits('migration.ready_for_cutover'));
  await expectExit(row, program);
  expectKept(row, program.events);
  await expectResumed(row, file);
}

export const stateRow = (
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
      'a state file that cannot be written to',
      'I/O error',
      'the kernel refuses every write of the running program to a file (prlimit --fsize)',
      {
        event: 'watcher.state_unavailable',
        level: 'error',
        reason: 'io_error',
        remedy: /disk|volume/,
        exit: 0,
      },
      playWriteError,
    ),
    needs: prlimit,
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
    recovers: 'goes on: the file is created again with all that is known',
  },
];
