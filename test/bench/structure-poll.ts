import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';

/** A function that ran. */
export interface FunctionRun {
  /** Path below the tree, such as `src/main.ts`. */
  readonly file: string;
  /** Empty for a function without a name, and for the body of a module. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** Offsets of what did not run within it. */
  readonly skipped: readonly (readonly [start: number, end: number])[];
}

/** What ran from the start of the program until it was quiet, and for a quiet poll. */
export interface PollRun {
  readonly start: readonly FunctionRun[];
  readonly poll: readonly FunctionRun[];
}

const key = { publicKey: 'benchkey', privateKey: '0b1e2d3c-4a5f-4b6e-8c7d-9e0f1a2b3c4d' } as const;
const groupId = '5f7f5f5f5f5f5f5f5f5f5f5f';
const liveMigrationId = '7e68e12770616e75e6df43d0';
const migration = `${groupId}/${liveMigrationId}`;
/** Long enough for what the first polls alone do, such as to sign in. */
const pollsBefore = 6;
const intervalMs = 1_000;
/** So many in a row that the count is the same each time: not every one is stored at once. */
const pollsMeasured = 12;

/**
 * Runs the program of a tree from its sources, one poll a second of one migration in which nothing changes, and returns
 * what runs in some seconds of that: everything that a quiet poll causes, and what else the program does all the time,
 * such as to look at its configuration file. No line is logged meanwhile. The simulator is in this process.
 */
export async function runOnePoll(tree: string): Promise<PollRun> {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-watch-'));
  const body = { _id: liveMigrationId, status: 'WORKING', readyForCutover: false, lagTimeSeconds: 20_000 };
  const script = () => ({ ...body, migrationHosts: ['mig-0.example.net'] });
  const simulator = await startSimulator({ credentials: key, migrations: new Map([[migration, script]]) });
  const child = startProgram(tree, writeConfig(folder, simulator.baseUrl));
  const ended = once(child, 'exit');
  let lines = 0;
  child.stdout?.on('data', () => {
    lines += 1;
  });
  const root = pathToFileURL(join(tree, 'src/')).href;
  const take = async (): Promise<FunctionRun[]> => {
    const message = once(child, 'message');
    child.send(root);
    const scripts = (await Promise.race([message, failAfter(ended)]))[0] as Profiler.ScriptCoverage[];
    return scripts.flatMap((each) => runsOf(each, root));
  };
  try {
    await Promise.race([untilBetweenPolls(simulator, pollsBefore), failAfter(ended)]);
    const start = await take();
    const before = { requests: simulator.counts.total, lines };
    await delay(pollsMeasured * intervalMs);
    const poll = await take();
    const requests = simulator.counts.total - before.requests;
    if (requests < pollsMeasured || lines > before.lines)
      throw new Error(
        `There were ${requests} requests and ${lines - before.lines} lines, so it was not quiet.`,
      );
    return { start, poll };
  } finally {
    child.kill('SIGTERM');
    await ended;
    await simulator.close();
    rmSync(folder, { recursive: true });
  }
}

function writeConfig(folder: string, baseUrl: string): string {
  const path = join(folder, 'cutover-watch.yaml');
  const everySecond = '* * * * * *';
  const config = {
    atlas: { baseUrl },
    schedule: { default: everySecond, approaching: everySecond },
    migrations: [migration],
    state: { path: join(folder, 'state.db') },
    http: { listen: '127.0.0.1:0' },
    log: { format: 'json' },
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

function startProgram(tree: string, config: string) {
  return fork(join(tree, 'src/main.ts'), ['run', '-c', config], {
    cwd: tree,
    execArgv: ['--import', new URL('./structure-probe.ts', import.meta.url).href],
    env: {
      MONGODB_ATLAS_PUBLIC_API_KEY: key.publicKey,
      MONGODB_ATLAS_PRIVATE_API_KEY: key.privateKey,
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
}

/** Resolves half a second after the request with this number. */
async function untilBetweenPolls(simulator: Simulator, number: number): Promise<void> {
  while (simulator.counts.total < number) await delay(10);
  await delay(intervalMs / 2);
}

async function failAfter(ended: Promise<unknown>): Promise<never> {
  await ended;
  throw new Error('The program ended by itself.');
}

function runsOf({ url, functions }: Profiler.ScriptCoverage, root: string): FunctionRun[] {
  return functions.flatMap(({ functionName, ranges: [whole, ...blocks] }) => {
    // V8 gives names in angle brackets to the functions that it makes itself, such as those that fill fields.
    if (whole === undefined || whole.count === 0 || functionName.startsWith('<')) return [];
    const skipped = blocks
      .filter(({ count }) => count === 0)
      .map(({ startOffset, endOffset }) => [startOffset, endOffset] as const);
    const file = `src/${decodeURIComponent(url.slice(root.length))}`;
    return [{ file, name: functionName, start: whole.startOffset, end: whole.endOffset, skipped }];
  });
}
