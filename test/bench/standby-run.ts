import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual, promisify } from 'node:util';
import { type Random, randomOf } from './random.ts';
import { type Audit, installAudit, readAudit } from './standby-audit.ts';
import { Course } from './standby-course.ts';
import { activeOf, type Fault, faultKinds, kindsOf, type PastFault } from './standby-faults.ts';
import { type OpenStage, openStage, type StageOptions } from './standby-stage.ts';
import type { Run, TrialWatcher } from './standby-watchers.ts';

export interface TrialOptions extends Omit<StageOptions, 'course'> {
  readonly seed: number;
  readonly rounds: number;
  readonly migrations: number;
  /** Kinds of faults, which come at random; all by default. */
  readonly kinds?: readonly string[];
  /** The share of the rounds in which a second fault overlaps. Default 0.3. */
  readonly overlapShare?: number;
  /** The share of ends of a watcher before which nothing else happens for more than a lease. Default 0.7. */
  readonly quietShare?: number;
  /** The share of the rounds after which nobody waits until all is well. Default 0.2. */
  readonly hurryShare?: number;
  readonly onRound?: (round: number, faults: readonly string[], calmMs: number | undefined) => void;
}

export type JsonRecord = Readonly<Record<string, unknown>>;

/** Everything that came of a trial. */
export interface Evidence {
  readonly leaseMs: number;
  /** The event log in the end: of the two, and of the single watcher. */
  readonly log: readonly JsonRecord[];
  readonly singleLog: readonly JsonRecord[];
  /** All runs of the two. */
  readonly runs: readonly Run[];
  readonly course: Course;
  readonly audit: Audit;
  readonly faults: readonly PastFault[];
  /** What each of them shows of the migrations in the end: the holder, the one that stands by, the single one. */
  readonly shown: Readonly<Record<'active' | 'standby' | 'single', readonly JsonRecord[]>>;
  /** What went wrong meanwhile. */
  readonly troubles: readonly string[];
  /** From the end of the faults of a round until all was well, in ms. */
  readonly calms: readonly number[];
}

const main = new URL('../../dist/main.js', import.meta.url).pathname;
/** After the faults of a round, one polls and the other one stands by before so many ms have passed. */
const longestCalmMs = 40_000;
const lookEveryMs = 100;
/** A poll so long ago says that its watcher polls now, in ms. */
const recentMs = 1_500;
const longestEndMs = 60_000;
/** What stands by follows within this, in ms. */
const followMs = 1_500;

/** Does all kinds of things to two watchers that share a database, and returns what came of it. */
export async function runStandbyTrial(options: TrialOptions): Promise<Evidence> {
  const { seed, rounds, migrations } = options;
  const random = randomOf(seed);
  const course = new Course(migrations, randomOf(seed + 1));
  const stage = await openStage({ ...options, course });
  const { watchers, single, database } = stage;
  const troubles: string[] = [];
  const calms: number[] = [];
  try {
    await prepare(stage);
    for (const watcher of [single, ...watchers]) watcher.start();
    await calm(stage, course, troubles, 'the start');
    for (let round = 1; round <= rounds; round += 1) {
      const faults = faultsOf(stage, options, random);
      const isOrdered = faults.length === 1 && /^SIG(?:KILL|TERM)/.test(faults[0]?.name ?? '');
      // What a takeover takes can be judged only where nothing before it has its effects yet.
      if (isOrdered && random.chance(options.quietShare ?? 0.7)) await delay(stage.leaseMs + followMs);
      const pauses = faults.map((_, index) => (index === 0 ? 0 : random.between(0, 3_000)));
      const isHurried = random.chance(options.hurryShare ?? 0.2) && round < rounds;
      await Promise.all(
        faults.map(async (fault, index) => {
          await delay(pauses[index]);
          await fault.run();
        }),
      );
      const names = faults.map(({ name }) => name);
      const calmMs = isHurried
        ? undefined
        : await calm(stage, course, troubles, `round ${round} (${names.join(' + ')})`);
      if (calmMs !== undefined) calms.push(calmMs);
      options.onRound?.(round, names, calmMs);
    }
    await calm(stage, course, troubles, 'the end');
    course.end();
    const isAllReported = await until(() => course.isReported, longestEndMs);
    if (!isAllReported)
      troubles.push(`in the end, not reported by both sides: ${course.unreported.join(', ')}`);
    const active = activeOf(watchers) ?? watchers[0];
    const standby = watchers.find((watcher) => watcher !== active) ?? watchers[1];
    // What stands by follows a little later.
    await delay(followMs);
    const shown = {
      active: await migrationsOf(active),
      standby: await migrationsOf(standby),
      single: await migrationsOf(single),
    };
    const log = await logOf(stage);
    const history = await historyOf(standby);
    if (!isDeepStrictEqual(history, log))
      troubles.push('the command history says something else than the table of events');
    const singleLog = await historyOf(single);
    for (const watcher of [standby, active, single]) await watcher.end('SIGTERM');
    return {
      leaseMs: stage.leaseMs,
      log,
      singleLog,
      runs: watchers.flatMap(({ runs }) => runs),
      course,
      audit: await readAudit(database),
      faults: stage.past,
      shown,
      troubles,
      calms,
    };
  } finally {
    await stage.close();
  }
}

/** Lets a watcher create its tables, and lets these note from then on who writes them. */
async function prepare({ watchers: [watcher], database }: OpenStage): Promise<void> {
  watcher.start();
  if (
    !(await until(() => watcher.role === 'active' || !watcher.isRunning, longestCalmMs)) ||
    !watcher.isRunning
  )
    throw new Error(`The first watcher does not become the active one.\n${watcher.runs.at(-1)?.stderr}`);
  await watcher.end('SIGTERM');
  await installAudit(database);
}

function faultsOf(stage: OpenStage, options: TrialOptions, random: Random): readonly Fault[] {
  const { kinds = kindsOf(stage), overlapShare = 0.3 } = options;
  const draw = (): Fault => {
    const make = faultKinds[kinds[random.whole(0, kinds.length - 1)] ?? ''];
    if (make === undefined) throw new Error('There is no such kind of fault.');
    return make(stage, random);
  };
  const first = draw();
  if (!random.chance(overlapShare)) return [first];
  const second = draw();
  return second.resource === first.resource ? [first] : [first, second];
}

/** Resolves, when one polls and the other stands by, to how long that took in ms. */
async function calm(stage: OpenStage, { polls }: Course, troubles: string[], after: string): Promise<number> {
  const begun = Date.now();
  const { watchers } = stage;
  const isCalm = (): boolean => {
    const active = watchers.filter(({ role }) => role === 'active');
    const others = watchers.filter(({ role }) => role === 'standby' || role === 'fenced');
    if (active.length !== 1 || others.length !== 1) return false;
    const poll = polls.findLast(({ asker }) => asker === active[0]?.asker);
    return poll !== undefined && poll.at > begun && Date.now() - poll.at < recentMs;
  };
  if (!(await until(isCalm, longestCalmMs))) {
    const states = watchers.map(
      ({ asker, isRunning, role, runs }) =>
        `${asker}: ${isRunning ? (role ?? 'no role') : `ended (${runs.at(-1)?.ending})`}`,
    );
    troubles.push(`not calm ${longestCalmMs / 1_000} s after ${after}: ${states.join('; ')}`);
  }
  return Date.now() - begun;
}

async function until(isSo: () => boolean, ms: number): Promise<boolean> {
  const end = performance.now() + ms;
  while (!isSo()) {
    if (performance.now() > end) return false;
    await delay(lookEveryMs);
  }
  return true;
}

async function migrationsOf(watcher: TrialWatcher): Promise<readonly JsonRecord[]> {
  const answer = JSON.parse(await watcher.asked('/api/migrations')) as { migrations: readonly JsonRecord[] };
  return answer.migrations;
}

async function logOf({ database }: OpenStage): Promise<readonly JsonRecord[]> {
  const rows = await database.query('SELECT record FROM cutover_watch.event ORDER BY position');
  return rows.map(({ record }) => JSON.parse(String(record)) as JsonRecord);
}

async function historyOf({ file }: TrialWatcher): Promise<readonly JsonRecord[]> {
  const args = [main, 'history', '--json', '-c', file];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { PATH: process.env.PATH, HOME: '/nonexistent' },
    maxBuffer: 2 ** 30,
  });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JsonRecord);
}
