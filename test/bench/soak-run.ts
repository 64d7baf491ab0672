import { setImmediate } from 'node:timers/promises';
import { type AtlasClient, createAtlasClient } from '../../src/atlas/client.ts';
import { DigestSession } from '../../src/atlas/digest-session.ts';
import { createTransport } from '../../src/atlas/transport.ts';
import { monotonicNow as monotonic } from '../../src/daemon/clock.ts';
import { createEmitter } from '../../src/events/emitter.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import { Redactor } from '../../src/events/redactor.ts';
import { openStore } from '../../src/state/sqlite-store.ts';
import { Ledger } from '../../src/watch/ledger.ts';
import type { WatchPolicy } from '../../src/watch/poll-step.ts';
import { RateLimits } from '../../src/watch/rate-limits.ts';
import { Watcher } from '../../src/watch/watcher.ts';
import { soakKey, targetOf } from './soak-lives.ts';
import type { SoakOracle } from './soak-oracle.ts';

/** The watcher at work, with everything that belongs to it, at full speed. */
export interface SoakRun {
  readonly polls: number;
  readonly failedPolls: number;
  /** Migrations watched so far, settled ones included. */
  readonly lives: number;
  readonly generations: number;
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

  const redactor = new Redactor();
  redactor.register(soakKey.privateKey);
  const output = { closed: false, write: (line: string) => oracle.told(line) };
  const write = createEmitter({ output, format: 'json', level: 'debug', redactor });
  let ledger: Ledger | undefined;
  const emit = (record: EventRecord): boolean => ledger?.say(record) ?? false;
  const store = openStore(statePath);
  const limits = new RateLimits({ requestsPerMinute: 1e9, maxRetryAfterMs, emit, now, monotonic });
  const transport = createTransport({
    baseUrl,
    userAgent: 'cutover-watch/soak',
    concurrency,
    requestTimeoutMs: 1_000,
  });
  const atlas = createAtlasClient({
    apiVersion: 'v1.0',
    pollTimeoutMs: 5_000,
    retry: { attempts: 3, minDelayMs: 1, maxDelayMs: 8, maxRetryAfterMs },
    transport,
    authenticator: new DigestSession(soakKey),
    now,
    random: Math.random,
    onRequest: (groupId, requests) => {
      // The first request of a poll is counted by the watcher.
      if (requests > 1) limits.spend(groupId);
    },
    onRemaining: (groupId, remaining) => limits.remaining(groupId, remaining),
    onAttemptFailed: (groupId, error) => limits.attemptFailed(groupId, error),
  });
  const client: AtlasClient = {
    async readMigration(id, signal) {
      const result = await atlas.readMigration(id, signal);
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
    faults,
    async generation() {
      replaceSettled();
      generations += 1;
      let targets = numbers.map(targetOf);
      const memory = new Ledger(store, write, targets, { now });
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
      memory.prune(wallClock);
      memory.writeBack();
      await setImmediate();
    },
    async close() {
      await transport.close();
      store.close();
    },
  };
}
