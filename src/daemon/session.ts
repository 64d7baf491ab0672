import type { AtlasClient } from '../atlas/client.ts';
import type { AtlasCredentials } from '../config/credentials.ts';
import type { Config } from '../config/schema.ts';
import type { Emit } from '../events/emitter.ts';
import type { Redactor } from '../events/redactor.ts';
import { startCronSchedule } from '../watch/cron-schedule.ts';
import type { Ledger } from '../watch/ledger.ts';
import { type Liveness, liveness } from '../watch/liveness.ts';
import type { Cadence } from '../watch/migration/cadence.ts';
import type { TargetChanges } from '../watch/migration/target.ts';
import { RateLimiter } from '../watch/schedule/rate-limiter.ts';
import { Watcher } from '../watch/watcher.ts';
import type { WatcherOptions } from '../watch/watcher-options.ts';
import { monotonicNow } from './clock.ts';
import { type ConnectHooks, clientOn, limitHooks, openLine, type SignedInTransport } from './connection.ts';
import { policyOf, schedulesOf } from './plan.ts';

const lookAtClockEveryMs = 1_000;

/** What is to be watched, and how. */
export interface SessionSettings {
  readonly config: Config;
  readonly credentials: AtlasCredentials;
}

export interface SessionDependencies {
  readonly ledger: Ledger;
  readonly emit: Emit;
  readonly redactor: Redactor;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Called once, when nothing is left to watch. */
  readonly onSettled: () => void;
  readonly onFault: (error: unknown) => void;
  /** Called when Atlas refused the credentials. */
  readonly onRefused: () => void;
  /** Told of what goes on, for whoever looks. */
  readonly onPolled?: WatcherOptions['onPolled'];
  readonly onRequestEnd?: ConnectHooks['onRequestEnd'];
  readonly onRemaining?: ConnectHooks['onRemaining'];
}

/** A client, and what it polls over, which may be another client's as well. */
interface Connection {
  readonly client: AtlasClient;
  readonly line: SignedInTransport;
  /** The longest that a poll may take, in ms. */
  readonly pollTimeoutMs: number;
}

/** Everything that runs as the settings say, and that other settings change while it runs. */
export class Session {
  readonly watcher: Watcher;
  readonly #surroundings: SessionDependencies;
  readonly #limits: RateLimiter;
  readonly #hooks: ConnectHooks;
  /** Former connections first, which polls under way may still use; the one in use last. */
  #connections: Connection[];
  #settings: SessionSettings;
  #endSchedules: (() => void) | undefined;
  /** When each clock that begins polls looked last. */
  readonly #looks = new Map<string, number>();
  #stopped = false;

  constructor(settings: SessionSettings, surroundings: SessionDependencies) {
    const { config } = settings;
    const { ledger, emit, now, onSettled, onFault, onPolled } = surroundings;
    this.#settings = settings;
    this.#surroundings = surroundings;
    this.#limits = new RateLimiter({ ...limitsOf(config), emit, now, monotonic: monotonicNow });
    this.#hooks = hooksOf(this.#limits, surroundings);
    const connection = this.#connect(settings);
    this.#connections = [connection];
    this.watcher = new Watcher({
      ...watchedOf(config),
      client: connection.client,
      ledger,
      limits: this.#limits,
      emit,
      now,
      monotonic: monotonicNow,
      onSettled,
      onFault,
      onPolled,
    });
  }

  get settings(): SessionSettings {
    return this.#settings;
  }

  /** Begins the first round at once; its promise resolves when every poll of it is done. */
  round(): Promise<void> {
    return this.watcher.round(schedulesOf(this.#settings.config).standard.intervalMs);
  }

  /** Starts the schedules and the heartbeat, those of before being ended. */
  schedule(): void {
    if (this.#stopped) return;
    this.#endSchedules?.();
    const { config } = this.#settings;
    const { ledger, now } = this.#surroundings;
    const { standard, approaching, timezone } = schedulesOf(config);
    const { watcher } = this;
    const start = (cadence: Cadence, { cron, intervalMs }: { cron: string; intervalMs: number }) =>
      startCronSchedule(cron, timezone, () => watcher.tick(cadence, intervalMs), {
        now,
        monotonic: monotonicNow,
        onLook: this.#beginLooking(cadence),
      });
    const ends = [start('default', standard), start('approaching', approaching)];
    const heartbeat = setInterval(() => watcher.beat(), config.watch.heartbeat);
    const onLook = this.#beginLooking('notices');
    const clock = setInterval(() => {
      onLook();
      watcher.lookAtClock();
      ledger.prune(now());
    }, lookAtClockEveryMs);
    this.#endSchedules = () => {
      for (const end of ends) end();
      clearInterval(heartbeat);
      clearInterval(clock);
      this.#looks.clear();
    };
  }

  /** Returns whether the poll loop beats; never dependent on Atlas. */
  liveness(): Liveness {
    const pollTimeoutMs = Math.max(...this.#connections.map((connection) => connection.pollTimeoutMs));
    const { oldestBegunAt, nextStartAt } = this.watcher.beats;
    const looks = [...this.#looks.values()];
    return liveness({ looks, oldestBegunAt, pollTimeoutMs, nextStartAt }, monotonicNow());
  }

  /** Goes on with other settings. What they do not change keeps its state, its timing and its connections. */
  reconfigure(next: SessionSettings): TargetChanges {
    const former = this.#settings;
    this.#settings = next;
    const connection = this.#reconnect(former, next);
    this.#limits.reconfigure(limitsOf(next.config));
    const client = connection === undefined ? {} : { client: connection.client };
    const changes = this.watcher.reconfigure({ ...watchedOf(next.config), ...client });
    const scheduled = this.#endSchedules !== undefined;
    if (scheduled && !same(timingOf(former), timingOf(next))) this.schedule();
    return changes;
  }

  /** Begins nothing more, lets polls under way finish for at most `graceMs`, and closes the connections. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    this.#endSchedules?.();
    await this.watcher.stop(graceMs);
    const lines = new Set(this.#connections.map(({ line }) => line));
    await Promise.all([...lines].map((line) => line.close()));
  }

  /** Returns what takes note that this clock looks. A clock that never looks shows, too. */
  #beginLooking(clock: Cadence | 'notices'): () => void {
    const look = (): void => void this.#looks.set(clock, monotonicNow());
    look();
    return look;
  }

  /** Returns a connection for settings that need another one. Whoever is signed in already stays so. */
  #reconnect(former: SessionSettings, next: SessionSettings): Connection | undefined {
    const current = this.#connections.at(-1);
    const keepsLine = same(lineOf(former), lineOf(next));
    if (keepsLine && same(clientOf(former), clientOf(next))) return undefined;
    const connection = this.#connect(next, keepsLine ? current?.line : undefined);
    this.#retire(current);
    this.#connections.push(connection);
    return connection;
  }

  #connect({ config, credentials }: SessionSettings, former?: SignedInTransport): Connection {
    const line = former ?? openLine(config, credentials, this.#surroundings.version, this.#hooks);
    return {
      client: clientOn(line, config, this.#hooks),
      line,
      pollTimeoutMs: config.atlas.pollTimeout,
    };
  }

  /** Lets go of a former connection when the last poll that may use it must have ended. */
  #retire(former: Connection | undefined): void {
    setTimeout(() => {
      this.#connections = this.#connections.filter((connection) => connection !== former);
      const isFree = this.#connections.every(({ line }) => line !== former?.line);
      if (isFree) void former?.line.close();
    }, former?.pollTimeoutMs).unref();
  }
}

function hooksOf(
  limits: RateLimiter,
  { redactor, onRefused, onRequestEnd, onRemaining }: SessionDependencies,
): ConnectHooks {
  const hooks = limitHooks(limits);
  return {
    ...hooks,
    onRequestEnd,
    onRemaining: (groupId, remaining) => {
      hooks.onRemaining?.(groupId, remaining);
      onRemaining?.(groupId, remaining);
    },
    onAttemptFailed: (groupId, error) => {
      hooks.onAttemptFailed?.(groupId, error);
      if (error.kind === 'unauthorized') onRefused();
    },
    registerSecret: (secret) => redactor.register(secret),
  };
}

/** What the connections and their sign-in depend on. */
function lineOf({ config: { atlas, proxy }, credentials }: SessionSettings): unknown {
  return { baseUrl: atlas.baseUrl, requestTimeout: atlas.requestTimeout, proxy, credentials };
}

/** What polls over them depend on. */
function clientOf({ config: { atlas, retry } }: SessionSettings): unknown {
  return { apiVersion: atlas.apiVersion, pollTimeout: atlas.pollTimeout, retry };
}

function timingOf({ config: { schedule, watch } }: SessionSettings): unknown {
  return { schedule, heartbeat: watch.heartbeat };
}

function limitsOf({ atlas, retry }: Config) {
  return { requestsPerMinute: atlas.requestsPerMinute, maxRetryAfterMs: retry.maxRetryAfter };
}

function watchedOf(config: Config) {
  return { targets: config.migrations, policy: policyOf(config), concurrency: config.atlas.concurrency };
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
