/**
 * How long the built program takes from its start to its first line and its first request, without and with a compile
 * cache, beside an empty Node.js. The Atlas it asks is in this process. Usage: npm run bench:start [-- --runs N]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startSimulator } from '../../src/simulator/server.ts';
import { digits, formatTable, print, quantile } from './report.ts';

/** Milliseconds since the process was asked for. */
interface Start {
  readonly exit?: number;
  readonly line?: number;
  readonly request?: number;
}

const aimMs = 200;
const key = { publicKey: 'abcdefgh', privateKey: '01234567-89ab-4cde-8f01-23456789abcd' };
const target = { groupId: '5f7f5f5f5f5f5f5f5f5f5f5f', liveMigrationId: '7e68e12770616e75e6df43d0' };
const main = new URL('../../dist/main.js', import.meta.url).pathname;
const now = (): number => performance.timeOrigin + performance.now();

const { values } = parseArgs({ options: { runs: { type: 'string', default: '21' } } });
const folder = mkdtempSync(join(tmpdir(), 'cutover-watch-'));
const simulator = await startSimulator({
  credentials: key,
  migrations: new Map([[`${target.groupId}/${target.liveMigrationId}`, () => ({ status: 'WORKING' })]]),
  now,
});
const config = join(folder, 'cutover-watch.yaml');
writeFileSync(
  config,
  JSON.stringify({
    atlas: { baseUrl: simulator.baseUrl },
    migrations: [target],
    state: { path: join(folder, 'state.db') },
    http: { listen: '127.0.0.1:0' },
  }),
);
const cache = { NODE_COMPILE_CACHE: join(folder, 'cache') };
const kinds: readonly (readonly [string, () => Promise<Start>])[] = [
  ['node -e 0', () => startAndEnd(['-e', '0'])],
  ['--version', () => startAndEnd([main, '--version'])],
  ['--version, cached', () => startAndEnd([main, '--version'], cache)],
  ['run', () => startWatching()],
  ['run, cached', () => startWatching(cache)],
];
const starts = new Map<string, Start[]>(kinds.map(([name]) => [name, []]));
try {
  // The first round fills the caches and is not counted. Kinds take turns, so that a busy moment hits all alike.
  for (let run = 0; run <= Number(values.runs); run += 1) {
    for (const [name, start] of kinds) {
      const result = await start();
      if (run > 0) starts.get(name)?.push(result);
    }
  }
} finally {
  await simulator.close();
  rmSync(folder, { recursive: true });
}
report();

async function startAndEnd(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Start> {
  const begun = now();
  await once(launch(args, env), 'close');
  return { exit: now() - begun };
}

async function startWatching(env?: Readonly<Record<string, string>>): Promise<Start> {
  const earlier = simulator.requests.length;
  const begun = now();
  const child = launch([main, 'run', '-c', config], env);
  const ended = once(child, 'close');
  if (child.stdout === null) throw new Error('Standard output is not a pipe.');
  await Promise.race([once(child.stdout, 'data'), ended]);
  const line = now() - begun;
  while (simulator.requests.length === earlier && child.exitCode === null) await delay(5);
  child.kill('SIGTERM');
  await ended;
  const first = simulator.requests[earlier];
  if (first === undefined) throw new Error('The program ended without a request.');
  return { line, request: first.at - begun };
}

function launch(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, args, {
    env: {
      MONGODB_ATLAS_PUBLIC_API_KEY: key.publicKey,
      MONGODB_ATLAS_PRIVATE_API_KEY: key.privateKey,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

function median(name: string, of: keyof Start): number {
  return quantile(
    (starts.get(name) ?? []).map((start) => start[of] ?? Number.NaN),
    0.5,
  );
}

/** Prints the medians in milliseconds, and how many empty Node.js each takes. */
function report(): void {
  const empty = median('node -e 0', 'exit');
  print(
    `Medians of ${values.runs} starts in ms, and as multiples of an empty Node.js; ${availableParallelism()} cores.`,
  );
  const rows = kinds.map(([name]) => {
    const times = [median(name, 'exit'), median(name, 'line'), median(name, 'request')];
    return [name, ...times.flatMap((ms) => [digits(ms, 0), digits(ms / empty, 1)])];
  });
  print(formatTable(['', 'exit', 'x', 'first line', 'x', 'first request', 'x'], rows));
  const slowest = median('run', 'request');
  print(`Start to first request without a cache: ${digits(slowest, 0)} ms; the aim is under ${aimMs} ms.`);
}
