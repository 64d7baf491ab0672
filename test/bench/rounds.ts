import { startOffsetMs } from '../../src/watch/round-spread.ts';
import type { AtlasProcess } from './atlas-process.ts';
import type { Fleet } from './bench-fleet.ts';
import { untilTick } from './pace.ts';
import { memoryMb } from './process-usage.ts';
import { quantile } from './report.ts';
import type { WatchedProgram } from './watched-program.ts';

/** What watching so many migrations takes, over whole rounds. */
export interface Rounds {
  readonly migrations: number;
  readonly rounds: number;
  readonly polls: number;
  /** Of one core. */
  readonly cpuShare: number;
  readonly cpuMsPerPoll: number;
  readonly requestsPerPoll: number;
  /** Now, and the most since the start. */
  readonly residentMb: number;
  readonly peakMb: number;
  readonly heapMb: number;
  /** How much later than an ideal spread over the interval requests arrived. */
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

export interface Watching {
  readonly fleet: Fleet;
  readonly program: WatchedProgram;
}

/** A timer may be a little early, and clocks differ: so much before its time is no round of its own. */
const earlyMs = 1_000;

/** Measures from the next tick on, over so many rounds, all of these programs at once. */
export async function measureRounds(
  atlas: AtlasProcess,
  watchings: readonly Watching[],
  everySeconds: number,
  rounds: number,
): Promise<Rounds[]> {
  const intervalMs = everySeconds * 1_000;
  const tick = await untilTick(everySeconds);
  const before = await Promise.all(watchings.map((watching) => look(atlas, watching)));
  for (let round = 0; round < rounds; round += 1) await untilTick(everySeconds);
  const after = await Promise.all(watchings.map((watching) => look(atlas, watching)));

  return watchings.map(({ fleet, program }, index) => {
    const [from, to] = [before[index], after[index]];
    if (from === undefined || to === undefined) throw new Error('nothing was measured');
    const places = to.arrivals.map(([number, at]) =>
      placeInRound(number, at - tick, fleet.count, intervalMs),
    );
    const late = (share: number): number =>
      quantile(
        places.map(({ lateMs }) => lateMs),
        share,
      );
    const cpuMs = to.glance.cpuMs - from.glance.cpuMs;
    const memory = memoryMb(program.pid);
    return {
      migrations: fleet.count,
      rounds,
      polls: places.length,
      cpuShare: cpuMs / (rounds * intervalMs),
      cpuMsPerPoll: cpuMs / places.length,
      requestsPerPoll: (to.counts.requests - from.counts.requests) / places.length,
      residentMb: memory.resident,
      peakMb: memory.peak,
      heapMb: to.glance.heapMb,
      lateP50Ms: late(0.5),
      lateP99Ms: late(0.99),
      lateMaxMs: late(1),
      loopP99Ms: to.glance.loopP99Ms,
      loopMaxMs: to.glance.loopMaxMs,
      roundSeconds:
        quantile(
          places.map(({ sinceTickMs }) => sinceTickMs),
          1,
        ) / 1_000,
      storeMb: program.storeMb(),
      commitsPerRound: to.glance.commits / rounds,
    };
  });
}

async function look(atlas: AtlasProcess, { fleet, program }: Watching) {
  const glance = await program.glance();
  return { glance, counts: await atlas.counts(fleet), arrivals: await atlas.arrivals(fleet) };
}

/** Returns how long after its tick a request came, and how much of that is more than its place in the round. */
function placeInRound(number: number, sinceFirstTickMs: number, count: number, intervalMs: number) {
  const offsetMs = startOffsetMs(number, count, intervalMs);
  const round = Math.floor((sinceFirstTickMs - offsetMs + earlyMs) / intervalMs);
  const sinceTickMs = sinceFirstTickMs - round * intervalMs;
  return { sinceTickMs, lateMs: sinceTickMs - offsetMs };
}
