import { rmSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { configFor, startAtlas } from '../e2e/atlas-by-hand.ts';
import { writeConfig } from '../e2e/program.ts';
import { fastClock, libfaketime, unthrottled } from './fake-clock.ts';
import { type ScenarioRow, turnsReady } from './row.ts';
import { before, expectExit, expectKept, expectSeen, faultConfig, ready, startWatched } from './watched.ts';

/** Plays a configuration that becomes this text while the program runs, and later a good one with another migration. */
function playConfig(
  spoil: (file: string) => void,
  problems: readonly RegExp[],
  signalled = true,
): ScenarioRow['play'] {
  return async (row) => {
    const atlas = await startAtlas();
    const { config, file, folder, program, emits } = await startWatched(row, {
      atlas,
      ...(!signalled && { config: unthrottled(faultConfig(atlas.simulator.baseUrl)), env: fastClock() }),
    });
    const reload = (): void => void (signalled && program.child.kill('SIGHUP'));
    spoil(file);
    reload();
    const rejected = await emits('watcher.config_rejected');
    expectSeen(row, rejected);
    expect.soft(rejected.problems, row.fault).toEqual(problems.map((one) => expect.stringMatching(one)));
    atlas.say(0, ready);
    await emits('migration.ready_for_cutover');

    atlas.say(1, before);
    const { migrations } = configFor(atlas.simulator.baseUrl, 2);
    writeConfig(folder, { ...config, ...(migrations && { migrations }) });
    reload();
    expect.soft(await emits('watcher.config_reloaded'), row.fault).toMatchObject({
      level: 'info',
      added: ['m1'],
      removed: [],
      changed: [],
    });
    await emits('migration.first_seen', ({ migration }) => migration === 'm1');
    await expectExit(row, program);
    expectKept(
      row,
      program.events.filter(({ migration }) => migration === 'm0'),
    );
    expect.soft(program.events.filter(({ event }) => event === 'watcher.poll_failed')).toEqual([]);
  };
}

const rejected = { event: 'watcher.config_rejected', level: 'error', exit: 0 } as const;
const emptied = (file: string): void => writeFileSync(file, '');
const broken = (file: string): void => writeFileSync(file, 'atlas: { concurrency: none }\nmigrashuns: []\n');
const brokenProblems = [
  /migrashuns is not a known key\. Did you mean migrations/,
  /atlas\.concurrency is "none"/,
];

const configRow = (
  fault: string,
  covers: string,
  injected: string,
  play: ScenarioRow['play'],
): ScenarioRow => ({
  fault,
  covers: [covers],
  injected,
  sees: rejected,
  keeps: turnsReady,
  recovers: 'watcher.config_reloaded',
  play,
});

export const configurationRows: readonly ScenarioRow[] = [
  configRow(
    'a configuration that is not valid any more',
    'config broken',
    'the file is rewritten, then SIGHUP',
    playConfig(broken, brokenProblems),
  ),
  {
    ...configRow(
      'a configuration that is not valid any more, without a signal',
      'config broken',
      'the file is rewritten',
      playConfig(broken, brokenProblems, false),
    ),
    needs: libfaketime,
  },
  configRow(
    'a configuration that is not even YAML',
    'config broken',
    'the file is rewritten, then SIGHUP',
    playConfig((file) => writeFileSync(file, 'migrations: [\n'), [/cutover-watch\.yaml/]),
  ),
  configRow(
    'an empty configuration',
    'config emptied',
    'the file is emptied, then SIGHUP',
    playConfig(emptied, [/empty/]),
  ),
  configRow(
    'no configuration',
    'config emptied',
    'the file is deleted, then SIGHUP',
    playConfig((file) => rmSync(file), [/there is no such file/]),
  ),
];
