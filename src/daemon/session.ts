import type { AtlasCredentials } from '../config/credentials.ts';
import type { Config } from '../config/schema.ts';
import type { NotificationSettings } from '../config/sink-settings.ts';
import type { StateSettings } from '../config/state-settings.ts';
import type { Store } from '../state/store.ts';
import { earlierSamples, type MigrationSnapshot } from '../watch/fleet.ts';
import { type Headline, headline, utcTimes } from '../watch/headline.ts';
import type { TargetChanges } from '../watch/migration/target.ts';
import type { WatchPlan, WatchPolicy } from '../watch/policy.ts';
import { systemClock } from '../watch/schedule/poller.ts';
import { RateLimiter } from '../watch/schedule/rate-limiter.ts';
import { headlineFacts, standingPolicy } from '../watch/standing.ts';
import { Watcher, type WatcherOptions } from '../watch/watcher.ts';
import {
  type AtlasConnection,
  type ConnectionOptions,
  canShareConnection,
  openConnection,
} from './connection.ts';
import { planOf } from './plan.ts';

/** The configuration of a session, and its secrets. */
export interface SessionSettings {
  readonly config: Config;
  readonly credentials: AtlasCredentials;
  /** Who is notified: this outlives the session. */
  readonly notifications: NotificationSettings;
  /** Where the state is kept; what the daemon opened at its start outlives the session. */
  readonly state: StateSettings;
}

/** The dependencies that outlive a session. */
export interface SessionDependencies
  extends ConnectionOptions,
    Omit<WatcherOptions, 'plan' | 'standing' | 'client' | 'limiter' | 'isNewConnection'> {
  readonly store: Store;
  /** Returns the policy to use instead of the configured one. */
  readonly adjustPolicy?: (policy: WatchPolicy) => WatchPolicy;
}

/**
 * Everything that is built from one configuration: limiter, connection and watcher. A reload opens a new session and
 * retires this one. The fleet and the recorder outlive both.
 */
export class Session {
  readonly settings: SessionSettings;
  readonly plan: WatchPlan;
  readonly watcher: Watcher;
  /** How the migrations differ from those of the former session. */
  readonly changes: TargetChanges;
  readonly #connection: AtlasConnection;
  readonly #limiter: RateLimiter;
  readonly #onFault: (error: unknown) => void;
  /** The former session, while its polls run. */
  #former: Session | undefined;
  /** Resolves when those polls have ended. */
  readonly #takenOver: Promise<void>;

  /**
   * Opens a session. `former` starts no more polls. Rejects with a StateError if the state file cannot be read;
   * nothing has changed then.
   */
  static async open(
    settings: SessionSettings,
    dependencies: SessionDependencies,
    former?: Session,
  ): Promise<Session> {
    const { store, recorder, clock } = dependencies;
    const { migrations } = settings.config;
    const added = migrations.filter((target) => recorder.state(target) === undefined || former === undefined);
    const samples = await earlierSamples(store, added, clock.now());
    await recorder.track(migrations);
    return new Session(settings, { ...dependencies, samples }, former);
  }

  private constructor(
    settings: SessionSettings,
    dependencies: SessionDependencies & { readonly samples: Awaited<ReturnType<typeof earlierSamples>> },
    former: Session | undefined,
  ) {
    const { recorder, clock, fleet, adjustPolicy } = dependencies;
    const { config } = settings;
    const shared = former !== undefined && canShareConnection(former.settings, settings);
    this.settings = settings;
    this.plan = planOf(config, adjustPolicy);
    this.#former = former;
    this.#connection = shared ? former.#connection : openConnection(settings, dependencies);
    this.#limiter = new RateLimiter(
      {
        requestsPerMinute: config.atlas.requestsPerMinute,
        maxRetryAfterMs: config.retry.maxRetryAfter,
        emit: (record) => recorder.emit(record),
        clock,
      },
      former === undefined ? undefined : former.#limiter,
    );
    this.#takenOver = this.#takeOver(shared);
    this.changes = fleet.replace(config.migrations, dependencies.samples);
    this.watcher = new Watcher({
      ...dependencies,
      plan: this.plan,
      standing: { policyOf: standingPolicy(this.plan), credential: settings.credentials.type },
      client: this.#connection.client,
      limiter: this.#limiter,
      isNewConnection: !shared,
    });
    this.#onFault = dependencies.onFault;
  }

  /** Returns how everything stands now. */
  headline(migrations: readonly MigrationSnapshot[]): Headline {
    const now = systemClock.now();
    const { type } = this.settings.credentials;
    const facts = headlineFacts(migrations, this.watcher.liveness, type, now, standingPolicy(this.plan));
    return headline(facts, now, utcTimes(now));
  }

  /** Starts to poll. */
  start(): void {
    void this.watcher.run().catch(this.#onFault);
  }

  /** Starts no more polls, waits at most `graceMs` for running polls, and closes the connections. */
  async stop(graceMs: number): Promise<void> {
    await this.#stopWatchers(graceMs);
    await this.#takenOver;
    await this.#connection.close();
  }

  /** Stops this watcher and those before whose polls still run. Their connections stay open: sessions may share them. */
  async #stopWatchers(graceMs: number): Promise<void> {
    const former = this.#former;
    const before = former === undefined ? undefined : former.#stopWatchers(graceMs);
    await Promise.all([this.watcher.stop(graceMs), before]);
  }

  /** Waits for the polls of the former session, and closes its connection unless this one uses it. */
  async #takeOver(shared: boolean): Promise<void> {
    const former = this.#former;
    if (former === undefined) return;
    // Polls of an even earlier session may use the same connection.
    await Promise.all([former.watcher.retire(), former.#takenOver]);
    this.#former = undefined;
    if (!shared) await former.#connection.close();
  }
}
