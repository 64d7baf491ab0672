import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type AtlasProcess, startAtlas } from './atlas-process.ts';
import type { Fleet } from './bench-fleet.ts';
import { digits, formatTable, print, quantile } from './report.ts';
import type { Target } from './targets.ts';
import { keyInEnvironment, mainPath, prepareProgram } from './watched-program.ts';

/** Medians in ms since the process was asked for; NaN where there is no such thing. */
export interface StartTimes {
  readonly name: string;
  readonly exit: number;
  readonly line: number;
  readonly request: number;
}

export interface StartOptions {
  readonly runs: number;
  /** Migrations in the state file of a start that resumes; 0 for no such start. */
  readonly remembered: number;
}

type Start = Partial<Omit<StartTimes, 'name'>>;

const emptyName = 'node -e 0';
const versionName = '--version';
const healthcheckName = 'healthcheck';
const runName = 'run, 1 migration';
const cached = (name: string): string => `${name}, cached`;
const everySeconds = 30;
const now = (): number => performance.timeOrigin + performance.now();

/** Starts everything in turns, so that a busy moment hits all alike. The first round fills the caches and is not counted. */
export async function measureStarts({ runs, remembered }: StartOptions): Promise<readonly StartTimes[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-watch-'));
  const one: Fleet = { id: 1, count: 1, projects: 1 };
  const many: Fleet = { id: 2, count: remembered, projects: 20 };
  const healthy: Fleet = { id: 3, count: 1, projects: 1 };
  const atlas = await startAtlas([one, many, healthy], 0);
  const prepare = async (fleet: Fleet): Promise<string> => {
    const own = join(folder, String(fleet.id));
    mkdirSync(own);
    return await prepareProgram({ folder: own, baseUrl: atlas.baseUrl, fleet, everySeconds });
  };
  const single = await prepare(one);
  const resumed = remembered === 0 ? '' : await prepare(many);
  const asked = await prepare(healthy);
  const watcher = launch([mainPath, 'run', '-c', asked]);
  // As in the image and in the service, where the state file is at its usual place.
  const usual = { STATE_DIRECTORY: dirname(asked) };
  const cache = { NODE_COMPILE_CACHE: join(folder, 'cache') };
  const resuming: readonly (readonly [string, () => Promise<Start>])[] =
    remembered === 0
      ? []
      : [[cached(`run, ${remembered} remembered`), () => startWatching(atlas, many, resumed, cache)]];
  const kinds: readonly (readonly [string, () => Promise<Start>])[] = [
    [emptyName, () => startAndEnd(['-e', '0'])],
    [versionName, () => startAndEnd([mainPath, '--version'])],
    [cached(versionName), () => startAndEnd([mainPath, '--version'], cache)],
    [healthcheckName, () => startAndEnd([mainPath, 'healthcheck', '-c', asked], usual)],
    [
      cached(healthcheckName),
      () => startAndEnd([mainPath, 'healthcheck', '-c', asked], { ...usual, ...cache }),
    ],
    [runName, () => startWatching(atlas, one, single)],
    [cached(runName), () => startWatching(atlas, one, single, cache)],
    ...resuming,
  ];
  const starts = new Map<string, Start[]>(kinds.map(([name]) => [name, []]));
  try {
    for (let run = 0; run <= runs; run += 1)
      for (const [name, start] of kinds) {
        const result = await start();
        if (run > 0) starts.get(name)?.push(result);
      }
  } finally {
    watcher.kill('SIGTERM');
    await once(watcher, 'close');
    await atlas.close();
    rmSync(folder, { recursive: true });
  }
  return [...starts].map(([name, all]) => {
    const median = (of: keyof Start): number =>
      quantile(
        all.map((start) => start[of] ?? Number.NaN),
        0.5,
      );
    return { name, exit: median('exit'), line: median('line'), request: median('request') };
  });
}

/** Prints the medians in milliseconds, and how many empty Node.js each takes. */
export function printStarts(times: readonly StartTimes[]): void {
  const empty = timesOf(times, emptyName)?.exit ?? Number.NaN;
  print(`Starts in ms, and as multiples of an empty Node.js: medians; ${availableParallelism()} cores.`);
  const rows = times.map(({ name, exit, line, request }) => [
    name,
    ...[exit, line, request].flatMap((ms) => [digits(ms, 0), digits(ms / empty, 1)]),
  ]);
  print(formatTable(['', 'exit', 'x', 'first line', 'x', 'first request', 'x'], rows));
}

export function startTargets(times: readonly StartTimes[]): readonly Target[] {
  const empty = timesOf(times, emptyName)?.exit;
  const target = (name: string, is: 'exit' | 'request', limit: number): Target => ({
    what: `${is === 'exit' ? name : `first request of ${name}`}, compared with ${emptyName}`,
    value: (timesOf(times, cached(name))?.[is] ?? Number.NaN) / (empty ?? Number.NaN),
    limit,
    is: 'at most',
    unit: 'x',
  });
  return [target(runName, 'request', 5), target(versionName, 'exit', 2), target(healthcheckName, 'exit', 2)];
}

function timesOf(times: readonly StartTimes[], wanted: string): StartTimes | undefined {
  return times.find(({ name }) => name === wanted);
}

async function startAndEnd(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Start> {
  const begun = now();
  await once(launch(args, env), 'close');
  return { exit: now() - begun };
}

async function startWatching(
  atlas: AtlasProcess,
  fleet: Fleet,
  config: string,
  env?: Readonly<Record<string, string>>,
): Promise<Start> {
  await atlas.firstRequestAt(fleet);
  const begun = now();
  const child = launch([mainPath, 'run', '-c', config], env);
  const ended = once(child, 'close');
  if (child.stdout === null) throw new Error('Standard output is not a pipe.');
  await Promise.race([once(child.stdout, 'data'), ended]);
  const line = now() - begun;
  let first: number | undefined;
  while (first === undefined && child.exitCode === null && child.signalCode === null) {
    // Seldom, so that it takes nothing from what it waits for.
    await delay(50);
    first = await atlas.firstRequestAt(fleet);
  }
  child.kill('SIGTERM');
  await ended;
  if (first === undefined) throw new Error('The program ended without a request.');
  return { line, request: first - begun };
}

function launch(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, args, {
    env: { ...keyInEnvironment, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}
