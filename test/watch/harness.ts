import { afterEach, beforeEach, vi } from 'vitest';
import type { AtlasClient } from '../../src/atlas/client.ts';
import { keyOf } from '../../src/atlas/migration-resource.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import { Redactor } from '../../src/events/redactor.ts';
import type { MigrationState, ScopeOutage } from '../../src/state/migration-state.ts';
import { Recorder } from '../../src/state/recorder.ts';
import { openStore } from '../../src/state/sqlite/store.ts';
import type { Store } from '../../src/state/store.ts';
import {
  earlierSamples,
  Fleet,
  type MigrationSnapshot,
  type WatchedMigration,
} from '../../src/watch/fleet.ts';
import type { Target } from '../../src/watch/migration/target.ts';
import { Scopes } from '../../src/watch/outage/scopes.ts';
import type { WatchPlan, WatchPolicy } from '../../src/watch/policy.ts';
import { createCronSchedule } from '../../src/watch/schedule/cron.ts';
import { RateLimiter } from '../../src/watch/schedule/rate-limiter.ts';
import { Watcher } from '../../src/watch/watcher.ts';
import { WatcherEvents } from '../../src/watch/watcher-events.ts';
import { hour, orders, policy, start } from './sample-migrations.ts';

/** The time between two polls of a migration that is not near readiness, in ms. */
export const intervalMs = 30_000;

const everyHalfMinute = '*/30 * * * * *';
const everyFiveSeconds = '*/5 * * * * *';

export interface HarnessOptions {
  readonly client: AtlasClient;
  readonly targets?: readonly Target[];
  readonly policy?: Partial<WatchPolicy>;
  /** In place of policy and schedules. */
  readonly planFor?: WatchPlan['planFor'];
  /** Cron expressions. */
  readonly schedules?: { readonly default?: string; readonly approaching?: string };
  readonly concurrency?: number;
  readonly requestsPerMinute?: number;
  readonly heartbeatMs?: number;
  /** Default: an empty one in memory. */
  readonly store?: Store;
}

/** What one run of the program is made of. */
interface Run {
  readonly recorder: Recorder;
  readonly fleet: Fleet;
  readonly limiter: RateLimiter;
  readonly events: WatcherEvents;
}

/**
 * The real watcher, recorder and fleet, over a store in memory that outlives restarts and reloads. Time goes by in
 * `advance` alone, so it needs `useVirtualTime`.
 */
export class WatcherHarness {
  readonly store: Store;
  /** What was emitted, in order; durable events after they were committed. */
  readonly events: EventRecord[] = [];
  readonly faults: unknown[] = [];
  /** What the watcher asked of the program. */
  readonly requests: ('refresh credentials' | 'end')[] = [];
  readonly #options: HarnessOptions;
  #clockStepMs = 0;
  #current: (Run & { readonly watcher: Watcher }) | undefined;

  private constructor(options: HarnessOptions) {
    this.store = options.store ?? openStore(':memory:');
    this.#options = options;
  }

  /** Begins to watch. Nothing has been polled when it resolves. */
  static async start(options: HarnessOptions): Promise<WatcherHarness> {
    const harness = new WatcherHarness(options);
    await harness.#open(options.targets ?? [orders]);
    return harness;
  }

  get watcher(): Watcher {
    return this.#running.watcher;
  }

  get limiter(): RateLimiter {
    return this.#running.limiter;
  }

  state(target: Target): MigrationState | undefined {
    return this.#running.recorder.state(target);
  }

  /** The outages of scopes that are not over. */
  get openScopes(): readonly ScopeOutage[] {
    return this.#running.recorder.openOutages;
  }

  get snapshots(): readonly MigrationSnapshot[] {
    return this.#running.fleet.snapshots;
  }

  migration(target: Target): WatchedMigration | undefined {
    return this.#running.fleet.get(keyOf(target));
  }

  /** Sets the wall clock forward or back, in ms. */
  setClock(stepMs: number): void {
    this.#clockStepMs += stepMs;
  }

  /** Ends the run, lets `downMs` go by, and begins another run over the same store. */
  async restart(
    targets: readonly Target[] = [...this.#running.fleet.all].map(({ target }) => target),
    downMs = 0,
  ): Promise<void> {
    await this.stop();
    this.setClock(downMs);
    await this.#open(targets);
  }

  /** Ends the run; what it recorded is in the store. */
  async stop(): Promise<void> {
    const { watcher, recorder } = this.#running;
    const stopped = watcher.stop(0);
    await advance(0);
    await stopped;
    await recorder.flush();
  }

  /** Watches these from now on, as the next session over the same connection does. */
  async reload(targets: readonly Target[]): Promise<void> {
    const { watcher, ...run } = this.#running;
    await run.recorder.track(targets);
    void watcher.retire();
    run.fleet.replace(targets, new Map());
    this.#watch(run);
  }

  get #running(): Run & { readonly watcher: Watcher } {
    if (this.#current === undefined) throw new Error('Nothing runs.');
    return this.#current;
  }

  get #clock() {
    const now = (): number => start + this.#clockStepMs + performance.now();
    return { now, monotonic: () => performance.now() };
  }

  async #open(targets: readonly Target[]): Promise<void> {
    const clock = this.#clock;
    const recorder = await Recorder.open(this.store, {
      sinks: [],
      redactor: new Redactor(),
      now: clock.now,
      onEvents: (records) => this.events.push(...records),
      onFault: (fault) => this.faults.push(fault),
    });
    const emit = (record: EventRecord): void => recorder.emit(record);
    const fleet = new Fleet(new Scopes(recorder.openOutages), recorder);
    await recorder.track(targets);
    fleet.replace(targets, await earlierSamples(this.store, targets, clock.now()));
    const { requestsPerMinute = 6_000 } = this.#options;
    const limiter = new RateLimiter({ requestsPerMinute, maxRetryAfterMs: 300_000, emit, clock });
    this.#watch({ recorder, fleet, limiter, events: new WatcherEvents(emit, clock) });
  }

  #watch(run: Run): void {
    const { client, schedules, concurrency = 16, heartbeatMs = 1_000 * hour } = this.#options;
    const plan = {
      policy: { ...policy, ...this.#options.policy },
      schedules: {
        default: createCronSchedule(schedules?.default ?? everyHalfMinute, 'UTC'),
        approaching: createCronSchedule(schedules?.approaching ?? everyFiveSeconds, 'UTC'),
      },
    };
    const watcher = new Watcher({
      standing: {
        policyOf: () => ({ ...policy, intervalsMs: { default: 30_000, approaching: 5_000 } }),
        credential: 'apiKey',
      },
      ...run,
      client,
      clock: this.#clock,
      isNewConnection: false,
      plan: {
        planFor: this.#options.planFor ?? (() => plan),
        request: {
          apiVersion: 'v1.0',
          pollTimeoutMs: 60_000,
          retry: { attempts: 1, minDelayMs: 0, maxDelayMs: 0, maxRetryAfterMs: 0 },
        },
        concurrency,
        heartbeatMs,
      },
      droppedLines: () => 0,
      onPolled: () => {},
      onRefused: () => this.requests.push('refresh credentials'),
      onSettled: () => this.requests.push('end'),
      onWake: () => {},
      onFault: (fault) => this.faults.push(fault),
    });
    this.#current = { ...run, watcher };
    void watcher.run().catch((fault: unknown) => this.faults.push(fault));
  }
}

/** Lets the tests of a file live in a time that goes by in `advance` alone. */
export function useVirtualTime(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

/**
 * Lets virtual time go by, in ms, with all that follows from it. Much faster than `advanceTimersByTimeAsync`, which
 * waits a real millisecond for each timer.
 */
export async function advance(ms: number): Promise<void> {
  const end = { reached: false };
  setTimeout(() => {
    end.reached = true;
  }, ms);
  while (!end.reached) {
    await turn();
    vi.advanceTimersToNextTimer();
  }
  await turn();
}

/** Resolves when all that needs no time has happened, commits at the end of the turn included. */
async function turn(): Promise<void> {
  for (let rounds = 0; rounds < 3; rounds += 1) await new Promise((resolve) => void setImmediate(resolve));
}
