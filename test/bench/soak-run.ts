import { setTimeout as delay } from 'node:timers/promises';
import type { AtlasClient } from '../../src/atlas/client.ts';
import { monotonicNow as monotonic } from '../../src/daemon/clock.ts';
import { connectAtlas, limitHooks } from '../../src/daemon/connection.ts';
import { createEmitter } from '../../src/events/emitter.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import { Redactor } from '../../src/events/redactor.ts';
import { openStore } from '../../src/state/sqlite-store.ts';
import type { Store } from '../../src/state/store.ts';
import { Ledger } from '../../src/watch/ledger.ts';
import type { WatchPolicy } from '../../src/watch/migration/apply-poll.ts';
import { RateLimiter } from '../../src/watch/schedule/rate-limiter.ts';
import { Watcher } from '../../src/watch/watcher.ts';
import { randomOf } from './random.ts';
import { hasServiceAccount, soakAccount, soakKey, targetOf } from './soak-lives.ts';
import type { SoakOracle } from './soak-oracle.ts';

/** The watcher at work, with everything that belongs to it, at full speed. */
export interface SoakRun {
  readonly polls: number;
  readonly failedPolls: number;
  /** Migrations watched so far, settled ones included. */
  readonly lives: number;
  readonly generations: number;
  /** Ticks during which nobody read the output. */
  readonly stuckTicks: number;
  /** Transactions on the state file. */
  readonly commits: number;
  /** What went wrong inside the watcher. */
  readonly faults: readonly string[];
  /** Starts a watcher over the same state file, takes it through some rounds and one reload, and stops it. */
  generation(): Promise<void>;
  close(): Promise<void>;
}

export interface SoakRunOptions {
  readonly baseUrl: string;
  readonly statePath: string;
  /** Watched at once. */
  readonly migrations: number;
  readonly oracle: SoakOracle;
}

const ticksOfGeneration = 12;
/** Half-way the configuration is reloaded, with new migrations in the place of settled ones. */
const reloadAtTick = 6;
/** How far the watcher's wall clock gets from one tick to the next, while its monotonic clock is the real one. */
const clockStepMs = 15_000;
/** The next tick comes when so many of the polls are done, so that slow ones hold nobody up. */
const doneShare = 0.8;
const tickPatienceMs = 500;
const concurrency = 16;
/** The share of ticks from which on nobody reads the output, until the next one. */
const stuckShare = 0.1;
/** Longer than another program holds the state file locked. */
const lockPatienceMs = 5_000;
const minute = 60_000;

/** Everything that takes hours happens within the minutes of the accelerated clock. */
const policy: WatchPolicy = {
  windowMs: 20 * minute,
  warnBeforeMs: [10 * minute, 2 * minute],
  remindEveryMs: 5 * minute,
  formatDuration: (ms) => `${ms / minute}m`,
  stallAfterMs: 5 * minute,
  approachingLagMs: 5 * minute,
  unreachableAfter: 3,
  slowestPollMs: 30_000,
};
/** A pause of a second, as Atlas asks for here, would only lengthen the run. */
const maxRetryAfterMs = 40;

/** Opens the state file and the connections. */
export function startSoakRun({ baseUrl, statePath, migrations, oracle }: SoakRunOptions): SoakRun {
  let wallClock = Date.now();
  let polls = 0;
  let failedPolls = 0;
  let generations = 0;
  let lives = migrations;
  let onPoll: (() => void) | undefined;
  const faults: string[] = [];
  let numbers = Array.from({ length: migrations }, (_, number) => number);
  const now = (): number => wallClock;

  const random = randomOf(11);
  const redactor = new Redactor();
  redactor.register(soakKey.privateKey);
  const reader = { stuck: false, stuckTicks: 0 };
  const output = {
    get closed() {
      return reader.stuck;
    },
    write(line: string): void {
      if (!reader.stuck) oracle.told(line);
    },
  };
  const write = createEmitter({ output, format: 'json', level: 'debug', redactor });
  let ledger: Ledger | undefined;
  const emit = (record: EventRecord): boolean => ledger?.say(record) ?? false;
  const store = openStore(statePath);
  let commits = 0;
  const counted: Store = {
    path: store.path,
    load: (...args) => store.load(...args),
    samples: (...args) => store.samples(...args),
    latestSamples: (...args) => store.latestSamples(...args),
    eventsAfter: (...args) => store.eventsAfter(...args),
    latestEvents: (...args) => store.latestEvents(...args),
    refresh: () => store.refresh(),
    unwritten: (...args) => store.unwritten(...args),
    pruneSamples: (...args) => store.pruneSamples(...args),
    close: () => store.close(),
    commit: (batch) => {
      commits += 1;
      return store.commit(batch);
    },
  };
  const limits = new RateLimiter({ requestsPerMinute: 1e9, maxRetryAfterMs, emit, now, monotonic });
  const connect = (credentials: Parameters<typeof connectAtlas>[1]) =>
    connectAtlas(
      {
        atlas: {
          baseUrl,
          apiVersion: 'v1.0',
          auth: { type: credentials.type },
          requestTimeout: 1_000,
          pollTimeout: 5_000,
          concurrency: concurrency / 2,
          requestsPerMinute: 10_000,
        },
        retry: { attempts: 3, minDelay: 1, maxDelay: 8, maxRetryAfter: maxRetryAfterMs },
      },
      credentials,
      'soak',
      { ...limitHooks(limits), registerSecret: (secret) => redactor.register(secret) },
    );
  const byKey = connect({ type: 'apiKey', ...soakKey });
  const byAccount = connect({ type: 'serviceAccount', ...soakAccount });
  const client: AtlasClient = {
    async readMigration(id, signal) {
      const atlas = hasServiceAccount(id) ? byAccount : byKey;
      const result = await atlas.client.readMigration(id, signal);
      oracle.polled(id, result);
      polls += 1;
      if (!result.ok) failedPolls += 1;
      onPoll?.();
      return result;
    },
  };

  /** Resolves when so many more polls are done, or when it takes too long. */
  const donePolls = (count: number): Promise<void> =>
    new Promise((resolve) => {
      const enough = polls + count;
      const finish = (): void => {
        clearTimeout(patience);
        onPoll = undefined;
        resolve();
      };
      const patience = setTimeout(finish, tickPatienceMs);
      onPoll = () => {
        if (polls >= enough) finish();
      };
    });

  const read = (stuck: boolean): void => {
    reader.stuck = stuck;
    if (stuck) reader.stuckTicks += 1;
    else ledger?.deliver();
  };

  const replaceSettled = (): void => {
    numbers = numbers.map((number) => {
      if (!oracle.isOver(targetOf(number).liveMigrationId)) return number;
      lives += 1;
      return lives - 1;
    });
    oracle.forgetSettled();
  };

  return {
    get polls() {
      return polls;
    },
    get failedPolls() {
      return failedPolls;
    },
    get lives() {
      return lives;
    },
    get generations() {
      return generations;
    },
    get stuckTicks() {
      return reader.stuckTicks;
    },
    get commits() {
      return commits;
    },
    faults,
    async generation() {
      replaceSettled();
      generations += 1;
      let targets = numbers.map(targetOf);
      const memory = new Ledger(counted, write, targets, { now, defer: (work) => void setImmediate(work) });
      ledger = memory;
      memory.deliverLeftovers();
      const watcher = new Watcher({
        targets,
        client,
        ledger: memory,
        limits,
        emit,
        policy,
        concurrency,
        now,
        monotonic,
        onSettled: () => {},
        onFault: (error) =>
          faults.push(error instanceof Error ? (error.stack ?? error.message) : String(error)),
      });
      for (let tick = 0; tick < ticksOfGeneration; tick += 1) {
        wallClock += clockStepMs;
        read(random.chance(stuckShare));
        if (tick === reloadAtTick) {
          replaceSettled();
          targets = numbers.map(targetOf);
          memory.remember(targets);
          watcher.reconfigure({ targets, policy, concurrency });
        }
        watcher.tick('default', 0);
        watcher.tick('approaching', 0);
        watcher.lookAtClock();
        const live = targets.filter(({ liveMigrationId }) => !oracle.isOver(liveMigrationId)).length;
        await donePolls(live * doneShare);
      }
      watcher.beat();
      await watcher.stop(10_000);
      read(false);
      memory.prune(wallClock);
      await storeAll(memory);
    },
    async close() {
      await Promise.all([byKey.close(), byAccount.close()]);
      store.close();
    },
  };
}

/** Memory is about to be lost: what another program keeps from being stored must be stored first. */
async function storeAll(memory: Ledger): Promise<void> {
  const until = monotonic() + lockPatienceMs;
  while (!(memory.writeBack() && memory.delivered)) {
    if (monotonic() > until) throw new Error('the state file stayed locked');
    await delay(20);
    memory.deliver();
  }
}
