import { fork } from 'node:child_process';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { benchKey, type Fleet, numberOf, targetsOf, writeRemembered } from './bench-fleet.ts';
import { cpuMs } from './process-usage.ts';

/** The built program, watching one fleet. */
export interface WatchedProgram {
  readonly pid: number;
  /** User and system, since the start. */
  cpuMs(): number;
  /** When each line `migration.ready_for_cutover` came, in ms since 1970, and of which migration of the fleet. */
  readonly readyLines: readonly (readonly [number: number, at: number])[];
  /** Needs the probe. */
  glance(): Promise<Glance>;
  /** Size of the state file and its log in MB. */
  storeMb(): number;
  /** Asks for its metrics once. */
  scrape(): Promise<Scrape>;
  stop(): Promise<void>;
}

/** What the program looks like from inside (`probe.js`). */
interface Glance {
  /** Since the last glance. */
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
  /** Transactions written to the state file since the last glance. */
  readonly commits: number;
  readonly heapMb: number;
}

/** One reply of `/metrics`: the second, as a scraper asks again and again. */
export interface Scrape {
  readonly scrapeMs: number;
  readonly scrapeMb: number;
}

export interface ProgramOptions {
  /** Its own; gone with it. */
  readonly folder: string;
  readonly baseUrl: string;
  readonly fleet: Fleet;
  /** Seconds between two polls of a migration: a divisor of 60. */
  readonly everySeconds: number;
  /** Where its state is, as the configuration has it; by default a file in which it has been watched for a while. */
  readonly state?: object;
  /** Receivers of notifications; none by default. */
  readonly notify?: readonly object[];
  /** For Node.js, before the program. */
  readonly nodeOptions?: readonly string[];
  /** Whether it is to be looked at from inside, which wakes it a hundred times a second. */
  readonly probed?: boolean;
}

export const mainPath = new URL('../../dist/main.js', import.meta.url).pathname;
/** Enough for every project here and its share of the polls, so that the schedule alone sets the pace. */
const requestsPerMinute = 10_000;
const concurrency = 64;

export const keyInEnvironment = {
  MONGODB_ATLAS_PUBLIC_API_KEY: benchKey.publicKey,
  MONGODB_ATLAS_PRIVATE_API_KEY: benchKey.privateKey,
};

/** Writes the configuration of a fleet, and its state file where it has one; resolves to the path of the former. */
export async function prepareProgram({
  folder,
  baseUrl,
  fleet,
  everySeconds,
  state,
  notify = [],
}: ProgramOptions): Promise<string> {
  const path = join(folder, 'cutover-watch.yaml');
  const second = { 1: '*', 60: '0' }[everySeconds] ?? `*/${everySeconds}`;
  const cron = `${second} * * * * *`;
  const config = {
    atlas: { baseUrl, concurrency, requestsPerMinute },
    schedule: { default: cron, approaching: cron },
    // In an outage, one request a poll as otherwise: with more of them few polls are under way, and all wait.
    retry: { attempts: 1 },
    migrations: targetsOf(fleet).map(({ groupId, liveMigrationId }) => `${groupId}/${liveMigrationId}`),
    state: state ?? {
      path: await writeRemembered(folder, fleet, everySeconds * 1_000, Date.now() - 1_000),
    },
    http: { listen: '127.0.0.1:0' },
    log: { format: 'json' },
    ...(notify.length > 0 && { notify }),
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

/** Starts the program on what was prepared. */
export function startProgram({ folder, nodeOptions = [], probed = false }: ProgramOptions): WatchedProgram {
  const probe = probed ? ['--import', new URL('./probe.js', import.meta.url).href] : [];
  const child = fork(mainPath, ['run', '-c', join(folder, 'cutover-watch.yaml')], {
    execArgv: [...nodeOptions, ...probe],
    env: keyInEnvironment,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const { stdout, pid } = child;
  if (stdout === null || pid === undefined) throw new Error('the program did not start');
  const ended = once(child, 'exit');
  const readyLines: [number, number][] = [];
  let firstLine = '';
  let unread = '';
  stdout.setEncoding('utf8').on('data', (text: string) => {
    const at = performance.timeOrigin + performance.now();
    const whole = (unread + text).split('\n');
    unread = whole.pop() ?? '';
    firstLine ||= whole[0] ?? '';
    for (const line of whole) {
      if (!line.includes('"event":"migration.ready_for_cutover"')) continue;
      const { liveMigrationId }: { readonly liveMigrationId: string } = JSON.parse(line);
      readyLines.push([numberOf(liveMigrationId), at]);
    }
  });

  return {
    pid,
    cpuMs: () => cpuMs(pid),
    readyLines,
    async glance() {
      const answer = once(child, 'message');
      child.send('glance');
      return (await answer)[0] as Glance;
    },
    storeMb() {
      const sizes = ['', '-wal'].map(
        (suffix) => statSync(join(folder, `state.db${suffix}`), { throwIfNoEntry: false })?.size ?? 0,
      );
      return sizes.reduce((sum, size) => sum + size, 0) / 2 ** 20;
    },
    async scrape() {
      const [, origin = ''] = /"httpAddress":"(.*?)"/.exec(firstLine) ?? [];
      await (await request(`${origin}/metrics`)).body.dump();
      const begun = performance.now();
      const { byteLength } = await (await request(`${origin}/metrics`)).body.bytes();
      return { scrapeMs: performance.now() - begun, scrapeMb: byteLength / 2 ** 20 };
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
