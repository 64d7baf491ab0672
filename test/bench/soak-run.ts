import { setTimeout as delay } from 'node:timers/promises';
import type { AtlasClient } from '../../src/atlas/client.ts';
import type { AtlasCredentials } from '../../src/config/credentials.ts';
import { type AtlasConnection, openConnection } from '../../src/daemon/connection.ts';
import { createEmitter } from '../../src/events/emitter.ts';
import { Redactor } from '../../src/events/redactor.ts';
import { openStore } from '../../src/state/sqlite/store.ts';
import type { Store } from '../../src/state/store.ts';
import type { MigrationPlan, WatchPlan } from '../../src/watch/policy.ts';
import type { Clock } from '../../src/watch/schedule/poller.ts';
import { monotonicNow } from '../../src/watch/schedule/poller.ts';
import { randomOf } from './random.ts';
import { hasServiceAccount, soakAccount, soakKey, soakWindowMs, targetOf } from './soak-lives.ts';
import type { SoakOracle } from './soak-oracle.ts';
import { soakUnreachableAfterMs } from './soak-outages.ts';
import { schedulesOf, startWatch, type Watch } from './watch.ts';

/** The watcher at work, with everything that belongs to it, at full speed. */
export interface SoakRun {
  readonly polls: number;
  readonly failedPolls: number;
  /** Migrations watched so far, settled ones included. */
  readonly lives: number;
  readonly generations: number;
  /** Steps of the clock during which nobody read the output. */
  readonly stuckSteps: number;
  /** Transactions on the state file. */
  readonly commits: number;
  /** What went wrong inside the watcher. */
  readonly faults: readonly string[];
  /** Starts a watcher over the same state file, lets it poll through some steps of the clock and one reload, and stops it. */
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

const stepsOfGeneration = 12;
/** Half-way the configuration is reloaded, with new migrations in the place of those that are over. */
const reloadAtStep = 6;
/**
 * How far the wall clock is set forward in each step, as on a machine that slept: longer than the interval of the
 * schedule, so that every migration is due after it.
 */
const clockStepMs = 20_000;
/** In one generation of so many, this step is longer than an hour: then all that is settled is read again. */
const sleep = { everyGenerations: 5, step: 2, ms: 3_660_000 } as const;
const everyTenSeconds = '*/10 * * * * *';
/** The next step comes when so many of the polls are done, so that slow ones hold nobody up. */
const doneShare = 0.8;
const stepPatienceMs = 500;
/** How many polls are under way at once. */
export const soakConcurrency = 16;
/** The share of steps from which on nobody reads the output, until the next one. */
const stuckShare = 0.1;
/** Longer than another program holds the state file locked. */
const lockPatienceMs = 5_000;
const minute = 60_000;
/** A pause of a second, as Atlas asks for here, would only lengthen the run. */
const maxRetryAfterMs = 40;
const pollTimeoutMs = 5_000;

/** Everything that takes hours happens within the minutes of the accelerated clock. */
const migrationPlan: MigrationPlan = {
  policy: {
    windowMs: soakWindowMs,
    warnBeforeMs: [10 * minute, 2 * minute],
    remindEveryMs: 5 * minute,
    formatDuration: (ms) => `${ms / minute}m`,
    lagAtMostMs: 300_000,
    stallAfterMs: 5 * minute,
    approachingLagMs: 5 * minute,
    unreachableAfterMs: soakUnreachableAfterMs,
    outageRemindEveryMs: minute,
  },
  schedules: schedulesOf(everyTenSeconds),
};
const plan: WatchPlan = {
  planFor: () => migrationPlan,
  request: {
    apiVersion: 'v1.0',
    pollTimeoutMs,
    retry: { attempts: 3, minDelayMs: 1, maxDelayMs: 8, maxRetryAfterMs },
  },
  concurrency: soakConcurrency,
  heartbeatMs: 1_000,
};

/** A wall clock that goes like the monotonic one, and is set forward now and then. */
class SteppedClock implements Clock {
  readonly #begin = Date.now() - monotonicNow();
  #ahead = 0;

  now(): number {
    return Math.floor(this.#begin + monotonicNow() + this.#ahead);
  }

  monotonic(): number {
    return monotonicNow();
  }

  setForward(ms: number): void {
    this.#ahead += ms;
  }
}

/** Opens the state file and the connections. */
export function startSoakRun({ baseUrl, statePath, migrations, oracle }: SoakRunOptions): SoakRun {
  const clock = new SteppedClock();
  let polls = 0;
  let failedPolls = 0;
  let generations = 0;
  let commits = 0;
  let lives = migrations;
  let onPoll: (() => void) | undefined;
  const faults: string[] = [];
  let numbers = Array.from({ length: migrations }, (_, number) => number);

  const random = randomOf(11);
  const redactor = new Redactor();
  redactor.register(soakKey.privateKey);
  const reader = { stuck: false, stuckSteps: 0 };
  const output = {
    write(line: string): boolean {
      if (!reader.stuck) oracle.written(line);
      return !reader.stuck;
    },
  };
  const write = createEmitter({ output, format: 'json', level: 'debug', redactor });
  const file = openStore(statePath);
  const store: Store = {
    ...file,
    commit: (batch) => {
      commits += 1;
      return file.commit(batch);
    },
    // The recorder of the next generation uses it too.
    close: () => Promise.resolve(),
  };
  const connections = connect(baseUrl, (secret) => redactor.register(secret));
  const client: AtlasClient = {
    async readMigration(id, request, control) {
      const atlas = hasServiceAccount(id) ? connections.byAccount : connections.byKey;
      const startedAt = clock.now();
      const result = await atlas.client.readMigration(id, request, control);
      oracle.polled(id, result, { startedAt, now: clock.now() });
      polls += 1;
      if (!result.ok) failedPolls += 1;
      onPoll?.();
      return result;
    },
  };
  const onFault = (error: unknown): void => {
    faults.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  };

  /** Resolves when so many more polls are done, or when it takes too long. */
  const donePolls = (count: number): Promise<void> =>
    new Promise((resolve) => {
      const enough = polls + count;
      const finish = (): void => {
        clearTimeout(patience);
        onPoll = undefined;
        // Not before the watcher has looked at the clock for this poll.
        setImmediate(resolve);
      };
      const patience = setTimeout(finish, stepPatienceMs);
      onPoll = () => {
        if (polls >= enough) finish();
      };
    });

  const read = (stuck: boolean, { recorder }: Watch): void => {
    reader.stuck = stuck;
    if (stuck) reader.stuckSteps += 1;
    else recorder.deliver();
  };

  /** Returns what is watched from now on: new migrations in the place of those that are over. */
  const nextTargets = () => {
    numbers = numbers.map((number) => {
      if (!oracle.isOver(targetOf(number).liveMigrationId)) return number;
      lives += 1;
      return lives - 1;
    });
    const targets = numbers.map(targetOf);
    oracle.watch(targets.map(({ liveMigrationId }) => liveMigrationId));
    return targets;
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
    get stuckSteps() {
      return reader.stuckSteps;
    },
    get commits() {
      return commits;
    },
    faults,
    async generation() {
      generations += 1;
      oracle.started();
      let targets = nextTargets();
      const watch = await startWatch(targets, {
        store,
        client,
        clock,
        plan,
        write,
        onFault,
        maxRetryAfterMs,
      });
      for (let step = 0; step < stepsOfGeneration; step += 1) {
        // What is not written yet would be judged by what is read an hour later.
        const isSleep = generations % sleep.everyGenerations === 0 && step === sleep.step;
        clock.setForward(isSleep && watch.recorder.delivered ? sleep.ms : clockStepMs);
        read(random.chance(stuckShare), watch);
        if (step === reloadAtStep) {
          targets = nextTargets();
          await watch.replace(targets);
        }
        const live = targets.filter(({ liveMigrationId }) => !oracle.isSettled(liveMigrationId)).length;
        await donePolls(live * doneShare);
      }
      await watch.stop(2 * pollTimeoutMs);
      read(false, watch);
      await closeWhenStored(watch);
      oracle.checkQuiet(clock.now());
    },
    async close() {
      await Promise.all([connections.byKey.close(), connections.byAccount.close()]);
      await file.close();
    },
  };
}

function connect(
  baseUrl: string,
  registerSecret: (secret: string) => () => void,
): Readonly<Record<'byKey' | 'byAccount', AtlasConnection>> {
  const atlas = { baseUrl, apiVersion: 'v1.0', requestTimeout: 1_000, pollTimeout: pollTimeoutMs } as const;
  const open = (credentials: AtlasCredentials): AtlasConnection =>
    openConnection(
      {
        config: {
          atlas: {
            ...atlas,
            auth: { type: credentials.type },
            concurrency: soakConcurrency,
            requestsPerMinute: 10_000,
          },
        },
        credentials,
      },
      { version: 'soak', registerSecret, redact: (text) => text, onRequestEnd: () => {} },
    );
  return {
    byKey: open({ type: 'apiKey', ...soakKey }),
    byAccount: open({ type: 'serviceAccount', ...soakAccount }),
  };
}

/** Memory is about to be lost: what another program keeps from being stored must be stored first. */
async function closeWhenStored({ recorder }: Watch): Promise<void> {
  const until = monotonicNow() + lockPatienceMs;
  for (;;) {
    // What is delivered only after this flush is not marked as delivered in the store.
    const { delivered } = recorder;
    if ((await recorder.flush()) && delivered) break;
    if (monotonicNow() > until) throw new Error('the state file stayed locked');
    await delay(20);
    recorder.deliver();
  }
  await recorder.close();
}
