import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type AtlasProcess, startAtlas } from './atlas-process.ts';
import type { Fleet } from './bench-fleet.ts';
import { type Delays, delaysOf } from './delays.ts';
import { untilTick } from './pace.ts';
import { measureRounds, type Rounds, type Session } from './rounds.ts';
import { prepareProgram, type Scrape, startProgram } from './watched-program.ts';

export interface ScaleOptions {
  readonly folder: string;
  /** Sizes from small to large; those of a group are measured together. */
  readonly groups: readonly (readonly number[])[];
  /** So many are measured with a project each, and then in an outage. */
  readonly spread: number;
  readonly everySeconds: number;
  readonly rounds: number;
  readonly replyDelayMs: number;
  /** For Node.js, in the programs of the last group. */
  readonly nodeOptions: readonly string[];
}

export type Scale = Rounds & Scrape;

/** As many as the default budget of 90 requests a minute allows every 30 s (README). */
const projectSize = 45;
/** Part of the interval in which polls start (`due-time.ts`). */
const roundShare = 0.8;
/** A program begins its first round so soon after a tick, and after so much more at most. */
const afterTickMs = 500;
const startMs = 2_000;

/**
 * Measures programs of every size, and one whose migrations have a project each, which then cannot be read. Before that, all migrations of the largest turn ready, evenly over one interval, while a
 * single one of another program, on a schedule of a second, has been turning ready again and again.
 */
export async function measureScale(options: ScaleOptions) {
  const { folder, groups, everySeconds, rounds, replyDelayMs } = options;
  const fleets = groups.flat().map((count, index): Fleet => fleetOf(index + 2, count));
  const repeating = fleetOf(0, 1);
  const spread = { id: 1, count: options.spread, projects: options.spread };
  const atlas = await startAtlas([...fleets, repeating, spread], replyDelayMs);
  const again = { kind: 'again' } as const;
  await atlas.turnReady(repeating, again);
  const begin = beginIn(folder, atlas);
  const repeated = (await begin(repeating, 1))();
  const scales: Scale[] = [];
  const delays: Delays[] = [];
  const running: Session[] = [repeated];
  try {
    for (const group of groups) {
      const last = group === groups.at(-1);
      const starts = await Promise.all(
        fleets
          .filter(({ count }) => group.includes(count))
          .map((fleet) => begin(fleet, everySeconds, last ? options.nodeOptions : [])),
      );
      const watchings = await startAtTick(starts, everySeconds);
      running.push(...watchings);
      const measured = await measureRounds(atlas, watchings, everySeconds, rounds);
      const largest = watchings.at(-1);
      if (last && largest !== undefined) delays.push(await turnAllReady(atlas, largest, everySeconds));
      scales.push(...(await scrapeAll(watchings, measured)));
      for (const { program } of watchings) await program.stop();
    }
    const spreading = await startAtTick([await begin(spread, everySeconds)], everySeconds);
    running.push(...spreading);
    const usual = await measureRounds(atlas, spreading, everySeconds, rounds);
    await atlas.fail(spread, true);
    // Until all that was read before is known to fail.
    await delay(everySeconds * 1_000);
    const failing = await measureRounds(atlas, spreading, everySeconds, rounds, true);
    scales.push(...(await scrapeAll(spreading, usual)), ...(await scrapeAll(spreading, failing)));
    return { scales, delays: [delaysOf(repeated.program, again, 1, 1), ...delays] };
  } finally {
    await Promise.all(running.map(({ program }) => program.stop()));
    await atlas.close();
  }
}

/** Starts programs just after a tick, and resolves when their first rounds are over. */
async function startAtTick(starts: readonly (() => Session)[], everySeconds: number): Promise<Session[]> {
  await untilTick(everySeconds);
  await delay(afterTickMs);
  const watchings = starts.map((start) => start());
  // A round that finds the one before still running has not everything in its place.
  await delay(startMs + everySeconds * 1_000 * roundShare);
  return watchings;
}

async function scrapeAll(watchings: readonly Session[], measured: readonly Rounds[]): Promise<Scale[]> {
  const scales: Scale[] = [];
  for (const [index, { program }] of watchings.entries()) {
    const figures = measured[index];
    if (figures !== undefined) scales.push({ ...figures, ...(await program.scrape()) });
  }
  return scales;
}

async function turnAllReady(
  atlas: AtlasProcess,
  { fleet, program }: Session,
  everySeconds: number,
): Promise<Delays> {
  const intervalMs = everySeconds * 1_000;
  const readiness = { kind: 'once', from: Date.now(), overMs: intervalMs } as const;
  await atlas.turnReady(fleet, readiness);
  // The last one to turn ready may just have been polled.
  await delay(2 * intervalMs + startMs);
  return delaysOf(program, readiness, fleet.count, everySeconds);
}

/** Returns a function that prepares a program and resolves to a function that starts it. */
function beginIn(parent: string, { baseUrl }: AtlasProcess) {
  return async (fleet: Fleet, everySeconds: number, nodeOptions: readonly string[] = []) => {
    const folder = join(parent, `scale-${fleet.id}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const options = { folder, baseUrl, fleet, everySeconds, nodeOptions, probed: true };
    await prepareProgram(options);
    return (): Session => ({ fleet, program: startProgram(options) });
  };
}

function fleetOf(id: number, count: number): Fleet {
  return { id, count, projects: Math.ceil(count / projectSize) };
}
