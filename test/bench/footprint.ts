import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { bucketMs, keptMs, rawMs } from '../../src/state/retention.ts';
import { openStore } from '../../src/state/sqlite/store.ts';
import { startAtlas } from './atlas-process.ts';
import { bodyOf, type Fleet, remember, targetsOf } from './bench-fleet.ts';
import { cpuMs, memoryMb, wakeUps, writtenBytes } from './process-usage.ts';
import { digits, formatTable, print } from './report.ts';
import type { Target } from './targets.ts';
import { keyInEnvironment, mainPath, prepareProgram } from './watched-program.ts';

/** What a process takes that has nothing to do but to watch. */
interface Footprint {
  readonly name: string;
  readonly residentMb: number;
  readonly anonymousMb: number;
  readonly peakMb: number;
  /** Of one core. */
  readonly cpuShare: number;
  readonly wakeUpsPerSecond: number;
  /** What it changed in files. */
  readonly writtenMbPerHour: number;
}

export interface Footprints {
  readonly processes: readonly Footprint[];
  /** State file of 100 migrations that were polled every 30 s for 30 days. */
  readonly stateFileMb: number;
}

export interface FootprintOptions {
  readonly folder: string;
  /** How long everything runs before, and while it is measured. */
  readonly settleSeconds: number;
  readonly seconds: number;
  readonly replyDelayMs: number;
}

const everySeconds = 30;
/** What 100 migrations that do not change wrote with a commit a second, in MB an hour. */
const formerlyWritten = 55;
const batchSize = 5_000;
/** A start with its first polls, in ms. */
const cacheMs = 5_000;
const idleName = 'an idle Node.js';
const [one, hundred]: readonly [Fleet, Fleet] = [
  { id: 1, count: 1, projects: 1 },
  { id: 2, count: 100, projects: 3 },
];

/** Measures watchers of one and of 100 migrations that do not change, as the systemd unit starts them, and an idle Node.js. */
export async function measureFootprints(options: FootprintOptions): Promise<Footprints> {
  const { folder, settleSeconds, seconds, replyDelayMs } = options;
  const atlas = await startAtlas([one, hundred], replyDelayMs);
  const started: (readonly [name: string, child: ChildProcess])[] = [];
  try {
    started.push([idleName, spawn(process.execPath, ['-e', 'setInterval(() => {}, 1_000)'])]);
    for (const fleet of [one, hundred]) {
      const own = join(folder, `footprint-${fleet.count}`);
      mkdirSync(own);
      const config = await prepareProgram({ folder: own, baseUrl: atlas.baseUrl, fleet, everySeconds });
      const cache = join(folder, 'compile-cache');
      await filled(startAsUnit(config, cache));
      started.push([nameOf(fleet), startAsUnit(config, cache)]);
    }
    await delay(settleSeconds * 1_000);
    const before = started.map(([, child]) => countersOf(child));
    await delay(seconds * 1_000);
    const processes = started.map(([name, child], index): Footprint => {
      const [first, last] = [before[index], countersOf(child)];
      const grown = (counter: keyof typeof last): number => last[counter] - (first?.[counter] ?? Number.NaN);
      const { resident, anonymous, peak } = memoryMb(pidOf(child));
      return {
        name,
        residentMb: resident,
        anonymousMb: anonymous,
        peakMb: peak,
        cpuShare: grown('cpuMs') / (seconds * 1_000),
        wakeUpsPerSecond: grown('wakeUps') / seconds,
        writtenMbPerHour: ((grown('written') / 2 ** 20) * 3_600) / seconds,
      };
    });
    return { processes, stateFileMb: await stateFileMb(folder) };
  } finally {
    for (const [, child] of started) {
      child.kill('SIGTERM');
      await once(child, 'close');
    }
    await atlas.close();
  }
}

/** Prints what each process takes, beside an idle Node.js. */
export function printFootprints({ processes, stateFileMb: file }: Footprints, seconds: number): void {
  print(`Footprint: a poll every ${everySeconds} s and no change, environment of the unit, in ${seconds} s.`);
  const columns: readonly (readonly [string, (footprint: Footprint) => string])[] = [
    ['', ({ name }) => name],
    ['anonymous MB', ({ anonymousMb }) => digits(anonymousMb, 1)],
    ['resident MB', ({ residentMb }) => digits(residentMb, 1)],
    ['peak', ({ peakMb }) => digits(peakMb, 1)],
    ['CPU % of a core', ({ cpuShare }) => digits(cpuShare * 100, 2)],
    ['wake-ups a second', ({ wakeUpsPerSecond }) => digits(wakeUpsPerSecond, 1)],
    ['written MB/h', ({ writtenMbPerHour }) => digits(writtenMbPerHour, 2)],
  ];
  print(
    formatTable(
      columns.map(([name]) => name),
      processes.map((footprint) => columns.map(([, show]) => show(footprint))),
    ),
  );
  print(`State file of 100 migrations after 30 days: ${digits(file, 1)} MB.`);
}

export function footprintTargets({ processes, stateFileMb: file }: Footprints): readonly Target[] {
  const of = (fleet: Fleet): Footprint | undefined => processes.find(({ name }) => name === nameOf(fleet));
  const few = of(one);
  const many = of(hundred);
  return [
    atMost('anonymous memory, 1 migration', few?.anonymousMb, 25, ' MB'),
    atMost('resident memory, 1 migration', few?.residentMb, 75, ' MB'),
    atMost(
      'anonymous memory of 100 migrations, compared with 1',
      (many?.anonymousMb ?? Number.NaN) / (few?.anonymousMb ?? Number.NaN),
      1.2,
      'x',
    ),
    atMost(
      'written by 100 migrations without a change',
      many?.writtenMbPerHour,
      formerlyWritten / 10,
      ' MB/h',
    ),
    atMost('state file of 100 migrations after 30 days', file, 60, ' MB'),
  ];
}

function atMost(what: string, value: number | undefined, limit: number, unit: string): Target {
  return { what, value: value ?? Number.NaN, limit, is: 'at most', unit };
}

function nameOf({ count }: Fleet): string {
  return count === 1 ? '1 migration' : `${count} migrations`;
}

/** Starts the program with the environment of the systemd unit, and a cache that an earlier start has filled. */
function startAsUnit(config: string, cache: string): ChildProcess {
  const unit = readFileSync(new URL('../../config/systemd/cutover-watch.service', import.meta.url), 'utf8');
  const settings = [...unit.matchAll(/^Environment=(.+)$/gm)].flatMap(([, line = '']) => line.split(' '));
  const environment = Object.fromEntries(settings.map((setting) => setting.split('=')));
  const child = spawn(process.execPath, [mainPath, 'run', '-c', config], {
    env: { ...environment, NODE_COMPILE_CACHE: cache, ...keyInEnvironment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.resume();
  return child;
}

/** Lets a program compile what it needs, and ends it. */
async function filled(child: ChildProcess): Promise<void> {
  const ended = once(child, 'close');
  await delay(cacheMs);
  child.kill('SIGTERM');
  await ended;
}

function countersOf(child: ChildProcess) {
  const pid = pidOf(child);
  return { cpuMs: cpuMs(pid), wakeUps: wakeUps(pid), written: writtenBytes(pid) };
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('the program did not start');
  return pid;
}

/** Fills a state file as a watcher does in 30 days: a sample for every ten minutes, and each one of the last day. */
async function stateFileMb(folder: string): Promise<number> {
  const path = join(folder, 'thirty-days.db');
  const store = openStore(path);
  const now = Date.now();
  await remember(store, hundred, everySeconds * 1_000, now);
  const samples = targetsOf(hundred).flatMap(({ groupId, liveMigrationId }, number) => {
    const sampleAt = (observedAt: number) => ({
      groupId,
      liveMigrationId,
      observedAt,
      lagTimeSeconds: bodyOf(liveMigrationId, number, observedAt, false).lagTimeSeconds ?? 0,
    });
    const thinned = everyStep(now - keptMs, now - rawMs, bucketMs).map((at) => {
      const sample = sampleAt(at);
      return { ...sample, lowest: sample.lagTimeSeconds - 80, highest: sample.lagTimeSeconds + 80 };
    });
    return [...thinned, ...everyStep(now - rawMs, now, everySeconds * 1_000).map(sampleAt)];
  });
  for (let first = 0; first < samples.length; first += batchSize)
    await store.commit({
      states: [],
      outages: [],
      events: [],
      cursors: [],
      samples: samples.slice(first, first + batchSize),
    });
  await store.close();
  return statSync(path).size / 2 ** 20;
}

function everyStep(from: number, to: number, stepMs: number): readonly number[] {
  return Array.from({ length: Math.floor((to - from) / stepMs) }, (_, index) => from + index * stepMs);
}
