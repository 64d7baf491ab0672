import { keyOf } from '../../src/atlas/migration-resource.ts';
import { offsetMs } from '../../src/watch/schedule/due-time.ts';
import type { AtlasProcess } from './atlas-process.ts';
import { type Fleet, targetsOf } from './bench-fleet.ts';
import { untilTick } from './pace.ts';
import { memoryMb } from './process-usage.ts';
import { quantile } from './report.ts';
import type { WatchedProgram } from './watched-program.ts';

/** What watching so many migrations takes, over whole rounds. */
export interface Rounds {
  readonly migrations: number;
  readonly projects: number;
  /** Whether Atlas answered every poll with HTTP 500. */
  readonly outage: boolean;
  readonly rounds: number;
  /** That arrived in their rounds. */
  readonly polls: number;
  /** That did not, or came in place of a later one. */
  readonly missing: number;
  /** Of one core: the median of the rounds, and so is the next. */
  readonly cpuShare: number;
  readonly cpuMsPerPoll: number;
  readonly requestsPerPoll: number;
  /** Now, and the most since the start. */
  readonly residentMb: number;
  readonly peakMb: number;
  readonly heapMb: number;
  /** How much later than they were due requests arrived; infinite for those that did not. */
  readonly lateP50Ms: number;
  readonly lateP99Ms: number;
  readonly lateMaxMs: number;
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
  /** From the tick to the last request of its round: the longest. */
  readonly roundSeconds: number;
  readonly storeMb: number;
  readonly commitsPerRound: number;
}

export interface Session {
  readonly fleet: Fleet;
  readonly program: WatchedProgram;
}

/** A timer may be a little early, and clocks differ: what comes earlier than that before its time is of the round before. */
const earlyMs = 1_000;
/** Where more polls than this are missing, or too many, costs cannot be divided by them. */
const tolerance = 0.01;

/** Measures from the next tick on, over so many rounds, all of these programs at once. */
export async function measureRounds(
  atlas: AtlasProcess,
  watchings: readonly Session[],
  everySeconds: number,
  rounds: number,
  outage = false,
): Promise<Rounds[]> {
  const tick = await untilTick(everySeconds);
  const lookAtAll = () => Promise.all(watchings.map((watching) => look(atlas, watching)));
  const looks = [await lookAtAll()];
  for (let round = 0; round < rounds; round += 1) {
    await untilTick(everySeconds);
    looks.push(await lookAtAll());
  }
  return watchings.map((watching, index) => {
    const own = looks.map((all) => all[index]).filter((one) => one !== undefined);
    return { ...roundsOf(watching, own, tick, everySeconds * 1_000), outage };
  });
}

type CheckResult = Awaited<ReturnType<typeof look>>;

/** Returns what a program took between the first of these looks and the last, a round lying between one and the next. */
function roundsOf(
  { fleet, program }: Session,
  looks: readonly CheckResult[],
  tick: number,
  intervalMs: number,
) {
  const [first] = looks;
  const last = looks.at(-1);
  if (first === undefined || last === undefined) throw new Error('nothing was measured');
  const rounds = looks.length - 1;
  const arrivals = looks.slice(1).flatMap((each) => each.arrivals);
  const lateness = latenessOf(arrivals, { fleet, rounds, tick, intervalMs });
  const missing = lateness.filter(({ lateMs }) => lateMs === Number.POSITIVE_INFINITY).length;
  const isWhole = Math.abs(arrivals.length / lateness.length - 1) <= tolerance;
  const each = looks.slice(1).map((to, round) => ({
    cpuMs: to.cpuMs - (looks[round]?.cpuMs ?? Number.NaN),
    polls: to.arrivals.length,
    glance: to.glance,
  }));
  const median = (of: (round: (typeof each)[number]) => number): number => quantile(each.map(of), 0.5);
  const late = (share: number): number =>
    quantile(
      lateness.map(({ lateMs }) => lateMs),
      share,
    );
  const memory = memoryMb(program.pid);
  const storeMb = program.storeMb();
  return {
    migrations: fleet.count,
    projects: fleet.projects,
    rounds,
    polls: lateness.length - missing,
    missing,
    cpuShare: median(({ cpuMs }) => cpuMs / intervalMs),
    cpuMsPerPoll: isWhole ? median(({ cpuMs, polls }) => cpuMs / polls) : Number.NaN,
    requestsPerPoll: isWhole ? (last.counts.requests - first.counts.requests) / arrivals.length : Number.NaN,
    residentMb: memory.resident,
    peakMb: memory.peak,
    heapMb: last.glance.heapMb,
    lateP50Ms: late(0.5),
    lateP99Ms: late(0.99),
    lateMaxMs: late(1),
    loopP99Ms: median(({ glance }) => glance.loopP99Ms),
    loopMaxMs: Math.max(...each.map(({ glance }) => glance.loopMaxMs)),
    roundSeconds: quantile(lateness.map(({ sinceTickMs }) => sinceTickMs).filter(Number.isFinite), 1) / 1_000,
    storeMb,
    commitsPerRound: median(({ glance }) => glance.commits),
  };
}

async function look(atlas: AtlasProcess, { fleet, program }: Session) {
  const glance = await program.glance();
  return {
    cpuMs: program.cpuMs(),
    glance,
    counts: await atlas.counts(fleet),
    arrivals: await atlas.arrivals(fleet),
  };
}

interface Schedule {
  readonly fleet: Fleet;
  readonly rounds: number;
  /** The first one, in ms since 1970. */
  readonly tick: number;
  readonly intervalMs: number;
}

/**
 * Returns for every poll that was to arrive how long after its tick it did, and how long after its due time. The k-th
 * arrival of a migration is that of its k-th round, however late; what comes well before its due time belongs to the round
 * before, which has had its own.
 */
export function latenessOf(
  arrivals: CheckResult['arrivals'],
  { fleet, rounds, tick, intervalMs }: Schedule,
): { readonly sinceTickMs: number; readonly lateMs: number }[] {
  const migrations = targetsOf(fleet).map((target) => ({
    offset: offsetMs(keyOf(target), intervalMs),
    times: [] as number[],
  }));
  for (const [number, at] of arrivals) {
    const { times, offset = 0 } = migrations[number] ?? {};
    if (times !== undefined && at - tick >= times.length * intervalMs + offset - earlyMs) times.push(at);
  }
  return migrations.flatMap(({ offset, times }) =>
    Array.from({ length: rounds }, (_, round) => {
      const sinceTickMs = (times[round] ?? Number.POSITIVE_INFINITY) - tick - round * intervalMs;
      return { sinceTickMs, lateMs: sinceTickMs - offset };
    }),
  );
}
