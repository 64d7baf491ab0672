/**
 * Watches 500 migrations at full speed until so many polls are made or so many minutes have passed, half of them with a
 * service account, with faults of the network, of the state file and of who reads the output at random, and says
 * whether every transition and every outage was written, whether anything grew, and whether the event loop of
 * the watcher was ever held up. Usage: npm run soak [-- --polls N --minutes N]
 */
import { fork } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { digits, formatTable, print } from './report.ts';
import type { AtlasMessage, AtlasQuestion } from './soak-atlas.ts';
import { SoakMeter, type TenthReport } from './soak-meter.ts';
import { SoakOracle } from './soak-oracle.ts';
import { type SoakRun, soakConcurrency, startSoakRun } from './soak-run.ts';

const migrations = 500;
/** No life takes fewer polls than this. */
const fewestPollsOfLife = 30;
const heapTolerance = 0.1;
/** Each of the two pools may come to hold a connection for every poll at once: so many more are no leak. */
const descriptorTolerance = soakConcurrency;
/**
 * Of the watcher's loop. The simulator and who locks the state file are in a process of their own with little to do: what
 * holds up that one as well in the same tenth is the machine.
 */
const longestBlockMs = 250;

const { values } = parseArgs({
  options: { polls: { type: 'string', default: '1000000' }, minutes: { type: 'string', default: '14' } },
});
const polls = Number(values.polls);
const lives = migrations + Math.ceil(polls / fewestPollsOfLife);
const limitMs = Number(values.minutes) * 60_000;
const folder = mkdtempSync(join(tmpdir(), 'cutover-watch-soak-'));
try {
  process.exitCode = (await soak()) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function soak(): Promise<boolean> {
  const idsPath = join(folder, 'event-ids');
  const idsFile = openSync(idsPath, 'a');
  const statePath = join(folder, 'state.db');
  const atlas = fork(new URL('./soak-atlas.ts', import.meta.url), [String(lives), statePath]);
  const messages = receive(atlas);
  const listening = await messages.next();
  if (listening.kind !== 'listening') throw new Error('the simulator did not start');
  const oracle = new SoakOracle(idsFile);
  const run = startSoakRun({
    baseUrl: `http://127.0.0.1:${listening.port}`,
    statePath,
    migrations,
    oracle,
  });
  const begun = performance.now();
  const meter = new SoakMeter();

  for (let progress = 0; progress < 1 && run.faults.length === 0; ) {
    await run.generation();
    progress = Math.max(run.polls / polls, (performance.now() - begun) / limitMs);
    ask(atlas, 'lap');
    const lap = await messages.next();
    await meter.measure(run.polls, progress, lap.kind === 'lap' ? lap.loopMaxMs : 0);
  }
  await run.close();
  const tenths = meter.report();
  ask(atlas, 'counts');
  const counts = await messages.next();
  atlas.disconnect();
  closeSync(idsFile);
  printRun(run, tenths, counts);
  print(
    `Events: ${[...oracle.counts]
      .map(([event, count]) => `${event} ${count}`)
      .toSorted()
      .join(', ')}.`,
  );
  return judge(run, oracle, tenths, countRepeated(idsPath));
}

function printRun(run: SoakRun, tenths: readonly TenthReport[], counts: AtlasMessage): void {
  print(
    formatTable(
      [
        'tenth',
        'polls',
        'polls/s',
        'heap MB',
        'memory MB',
        'descriptors',
        'loop p99 ms',
        'loop max ms',
        'other max ms',
      ],
      tenths.map((tenth, index) => [
        String(index + 1),
        String(tenth.polls),
        digits(tenth.pollsPerSecond, 0),
        digits(tenth.heapMb, 2),
        digits(tenth.residentMb, 0),
        String(tenth.descriptors),
        digits(tenth.loopP99Ms, 1),
        digits(tenth.loopMaxMs, 0),
        digits(tenth.otherLoopMaxMs, 0),
      ]),
    ),
  );
  const seconds = tenths.reduce((sum, tenth) => sum + tenth.seconds, 0);
  print(
    `${run.polls} polls of ${run.lives} migrations in ${digits(seconds, 0)} s (${digits(run.polls / seconds, 0)} a second), ` +
      `${run.failedPolls} of them failed, and ${run.commits} commits; ${run.generations} restarts of the watcher over one state file.`,
  );
  if (counts.kind !== 'counts') return;
  print(
    `Replies by status: ${JSON.stringify(counts.byStatus)}. Faults: ${JSON.stringify(counts.faults)}. Access tokens: ${counts.tokens}. ` +
      `The state file was locked ${counts.locks} times; nobody read the output during ${run.stuckSteps} steps of the clock.`,
  );
}

function judge(
  run: SoakRun,
  oracle: SoakOracle,
  tenths: readonly TenthReport[],
  ids: { readonly all: number; readonly repeated: number },
): boolean {
  const second = tenths[1];
  const last = tenths.at(-1);
  const growth = second === undefined || last === undefined ? Number.NaN : last.heapMb / second.heapMb - 1;
  const opened =
    second === undefined || last === undefined ? Number.NaN : last.descriptors - second.descriptors;
  const longest = Math.max(...tenths.map(({ loopMaxMs, otherLoopMaxMs }) => loopMaxMs - otherLoopMaxMs));
  const { outages } = oracle;
  const scopes = [...outages.opened].map(([scope, count]) => `${count} of scope ${scope}`).toSorted();
  const verdicts: readonly [fine: boolean, text: string][] = [
    [run.polls >= polls, `${run.polls} of ${polls} polls made in at most ${values.minutes} minutes`],
    [run.faults.length === 0, `${run.faults.length} faults inside the watcher`],
    [
      oracle.problemCount === 0 && oracle.transitions > 0,
      `${oracle.transitions} transitions written as they were read, ${oracle.problemCount} differences`,
    ],
    [
      outages.problems.length === 0,
      `outages: ${scopes.join(', ')}; ${outages.closed} of them over, ${outages.open} open; ${outages.problems.length} differences`,
    ],
    [ids.repeated === 0, `${ids.all} event ids, ${ids.repeated} of them repeated`],
    [
      Math.abs(growth) <= heapTolerance || growth < 0,
      `heap ${signed(growth * 100, 1)} % from the second tenth to the last`,
    ],
    [opened <= descriptorTolerance, `descriptors ${signed(opened, 0)}`],
    [
      longest <= longestBlockMs,
      `event loop of the watcher held up for ${digits(Math.max(0, longest), 0)} ms more than that of the simulator in any tenth`,
    ],
  ];
  for (const fault of run.faults) print(fault);
  for (const problem of [...oracle.problems, ...outages.problems]) print(problem);
  print(verdicts.map(([fine, text]) => `${fine ? 'ok  ' : 'FAIL'}  ${text}`).join('\n'));
  const passed = verdicts.every(([fine]) => fine);
  print(passed ? 'The soak passed.' : 'The soak FAILED.');
  return passed;
}

function countRepeated(path: string): { all: number; repeated: number } {
  const ids = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return { all: ids.length, repeated: ids.length - new Set(ids).size };
}

function signed(value: number, count: number): string {
  return `${value >= 0 ? '+' : ''}${digits(value, count)}`;
}

function ask(atlas: ReturnType<typeof fork>, question: AtlasQuestion): void {
  atlas.send(question);
}

/** Messages of the other process, one at a time. */
function receive(atlas: ReturnType<typeof fork>): { next(): Promise<AtlasMessage> } {
  return {
    next: () =>
      new Promise((resolve, reject) => {
        const fail = (): void => reject(new Error('the process of the simulator ended'));
        atlas.once('exit', fail);
        atlas.once('message', (message) => {
          atlas.off('exit', fail);
          resolve(message as AtlasMessage);
        });
      }),
  };
}
