import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { configFor, startAtlas } from '../e2e/atlas-by-hand.ts';
import { runToEnd, temporaryFolder, writeConfig } from '../e2e/program.ts';
import { mountTiny } from '../state/mount.ts';
import type { Row, ScenarioRow } from './row.ts';
import { garbage, mounting, stateRow } from './state-files.ts';
import { before, expectExit, expectKept, expectResumed, ready, startWatched } from './watched.ts';

/** Plays a state file that is refused at the start, and is usable for the run after. */
async function playRefusedState(
  row: Row,
  { spoil, repair }: { spoil: (path: string) => void; repair: (path: string) => void },
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
  repair(path);
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
    repair: (path) => {
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
    repair: () => mount?.unmount(),
  });
}

async function playSecondWatcher(row: Row): Promise<void> {
  const { atlas, file, program, emits } = await startWatched(row);
  expectRefused(row, await runToEnd(['run', '-c', file]));
  atlas.say(0, ready);
  await emits('migration.ready_for_cutover');
  await expectExit({ ...row, sees: { exit: 0 } }, program);
  expectKept(row, program.events);
  await expectResumed(row, file);
}

export const stateAtStartRows: readonly ScenarioRow[] = [
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
    { stderr: /state\.db: this is not a usable state file.* Move it away/, exit: 73 },
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
