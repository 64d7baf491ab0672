import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type AtlasProcess, startAtlas } from './atlas-process.ts';
import type { FleetCounts } from './bench-atlas.ts';
import { type Fleet, targetsOf } from './bench-fleet.ts';
import { untilTick } from './pace.ts';
import { installPeers, missingPrograms, type Peer, startPeer } from './peer.ts';
import { digits, formatTable, print, quantile } from './report.ts';
import type { Target } from './targets.ts';
import { prepareProgram, startProgram } from './watched-program.ts';

/** What one poll takes: the median of the runs. */
export interface PollCost {
  readonly name: string;
  readonly cpuMs: number;
  readonly requests: number;
  readonly bytes: number;
  readonly newConnections: number;
  /** Polls of all runs that were counted. */
  readonly polls: number;
}

export interface PollCostOptions {
  readonly folder: string;
  readonly runs: number;
  /** Of the fastest contenders in a run; the others make fewer, as they take longer. */
  readonly polls: number;
  readonly replyDelayMs: number;
}

interface Contender {
  readonly name: string;
  readonly fleet: Fleet;
  readonly polls: number;
  /** Returns the CPU time used so far, in ms. */
  readonly prepare: () => Promise<number>;
  readonly run: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

type RunCost = Omit<PollCost, 'name' | 'polls'>;

const migrations = 1_000;
const everySeconds = 5;
const programName = `cutover-watch, ${migrations} migrations`;
const floorName = 'floor: bare undici.request';
const curlName = 'curl --digest and jq, shell loop';
const neededPrograms = ['curl', 'jq'];

/** Measures them on one server, in turns, so that a busy moment hits all alike. The first run of each is not counted. */
export async function measurePollCost(options: PollCostOptions): Promise<readonly PollCost[]> {
  const watched: Fleet = { id: 1, count: migrations, projects: 4 };
  const single = [2, 3, 4, 5, 6].map((id): Fleet => ({ id, count: 1, projects: 1 }));
  const atlas = await startAtlas([watched, ...single], options.replyDelayMs);
  const contenders: Contender[] = [];
  try {
    contenders.push(
      await programContender(atlas, watched, options.folder),
      ...peerContenders(atlas, single, options),
    );
    const costs = new Map<string, RunCost[]>(contenders.map(({ name }) => [name, []]));
    for (let run = 0; run <= options.runs; run += 1)
      for (const contender of contenders) {
        const cost = await measureRun(atlas, contender);
        if (run > 0) costs.get(contender.name)?.push(cost);
      }
    return contenders.map(({ name, polls }) => mediansOf(name, costs.get(name) ?? [], polls));
  } finally {
    await Promise.all(contenders.map((contender) => contender.stop()));
    await atlas.close();
  }
}

/** Prints the table. */
export function printPollCost(costs: readonly PollCost[], { runs, replyDelayMs }: PollCostOptions): void {
  const floor = costOf(costs, floorName);
  print(
    `Cost of a poll: medians of ${runs} runs in turns on one server that replies after ${replyDelayMs} ms.`,
  );
  const rows = costs.map(({ name, cpuMs, requests, bytes, newConnections, polls }) => [
    name,
    digits(cpuMs, 3),
    `${digits(cpuMs / floor, 1)}x`,
    digits(requests, 3),
    digits(bytes, 0),
    digits(newConnections * 1_000, 1),
    String(polls),
  ]);
  print(
    formatTable(['', 'CPU ms', 'CPU/floor', 'requests', 'bytes', 'new connections in 1,000', 'polls'], rows),
  );
  const missing = missingPrograms(neededPrograms);
  if (missing.length > 0)
    print(`curl with jq was not measured, as this machine has no ${missing.join(' and no ')}.`);
  print(
    'mongodb-atlas-api-client knows no live migrations: measured is the function that makes its requests.',
  );
}

export function pollCostTargets(costs: readonly PollCost[]): readonly Target[] {
  const program = costs.find(({ name }) => name === programName);
  const cpu = program?.cpuMs ?? Number.NaN;
  return [
    {
      what: 'CPU of a poll / floor, 1,000 migrations',
      value: cpu / costOf(costs, floorName),
      limit: 2,
      is: 'at most',
      unit: 'x',
    },
    {
      what: 'CPU of a poll by curl and jq / ours',
      value: costOf(costs, curlName) / cpu,
      limit: 10,
      is: 'at least',
      unit: 'x',
    },
    {
      what: 'requests of a poll, 1,000 migrations',
      value: program?.requests ?? Number.NaN,
      limit: 1.02,
      is: 'at most',
    },
  ];
}

async function programContender(atlas: AtlasProcess, fleet: Fleet, parent: string): Promise<Contender> {
  const folder = join(parent, 'poll-cost');
  mkdirSync(folder);
  const options = { folder, baseUrl: atlas.baseUrl, fleet, everySeconds };
  await prepareProgram(options);
  const program = startProgram(options);
  const cpuBeforeTick = async (): Promise<number> => {
    await untilTick(everySeconds);
    return program.cpuMs();
  };
  return {
    name: programName,
    fleet,
    polls: fleet.count,
    prepare: cpuBeforeTick,
    run: cpuBeforeTick,
    stop: () => program.stop(),
  };
}

function peerContenders(
  atlas: AtlasProcess,
  fleets: readonly Fleet[],
  { polls }: PollCostOptions,
): Contender[] {
  installPeers();
  const gapMs = (everySeconds * 1_000) / migrations;
  const kinds: readonly (readonly [name: string, script: string, polls: number, args?: readonly string[]])[] =
    [
      [floorName, './floor.ts', polls],
      [`the same, one every ${gapMs} ms`, './floor.ts', polls / 2, [String(gapMs)]],
      ['urllib', './peers/urllib.js', polls / 2],
      ['mongodb-atlas-api-client', './peers/mongodb-atlas-api-client.js', polls / 2],
      ...(missingPrograms(neededPrograms).length > 0
        ? []
        : [[curlName, './peers/curl.sh', polls / 20] as const]),
    ];
  return kinds.flatMap(([name, script, count, args = []], index) => {
    const fleet = fleets[index];
    const [target] = fleet === undefined ? [] : targetsOf(fleet);
    if (fleet === undefined || target === undefined) return [];
    const { groupId, liveMigrationId } = target;
    const path = `/api/atlas/v1.0/groups/${groupId}/liveMigrations/${liveMigrationId}`;
    const peer: Peer = startPeer(script, [`${atlas.baseUrl}${path}`, ...args]);
    return [
      {
        name,
        fleet,
        polls: count,
        prepare: () => peer.prepare(count),
        run: () => peer.poll(count),
        stop: () => peer.stop(),
      },
    ];
  });
}

async function measureRun(atlas: AtlasProcess, { fleet, polls, prepare, run }: Contender): Promise<RunCost> {
  const cpuBefore = await prepare();
  const before = await atlas.counts(fleet);
  const cpuMs = (await run()) - cpuBefore;
  const after = await atlas.counts(fleet);
  const each = (key: keyof FleetCounts): number => (after[key] - before[key]) / polls;
  return {
    cpuMs: cpuMs / polls,
    requests: each('requests'),
    bytes: each('bytes'),
    newConnections: each('connections'),
  };
}

function mediansOf(name: string, runs: readonly RunCost[], polls: number): PollCost {
  const median = (key: keyof RunCost): number =>
    quantile(
      runs.map((run) => run[key]),
      0.5,
    );
  return {
    name,
    cpuMs: median('cpuMs'),
    requests: median('requests'),
    bytes: median('bytes'),
    newConnections: median('newConnections'),
    polls: polls * runs.length,
  };
}

function costOf(costs: readonly PollCost[], name: string): number {
  return costs.find((cost) => cost.name === name)?.cpuMs ?? Number.NaN;
}
