import { setTimeout as delay } from 'node:timers/promises';
import { keyOf } from '../atlas/migration-resource.ts';
import { StandardOutputSink } from '../sinks/standard-output.ts';
import type { MigrationState, ScopeOutage } from '../state/migration-state.ts';
import type { LeaseView, SharedStore, Taking } from '../state/shared-store.ts';
import { type RecordedState, StateError } from '../state/store.ts';
import { earlierSamples, Fleet } from '../watch/fleet.ts';
import { liveness } from '../watch/liveness.ts';
import { addSample } from '../watch/migration/lag-samples.ts';
import type { TargetChanges } from '../watch/migration/target.ts';
import { Scopes } from '../watch/outage/scopes.ts';
import { monotonicNow, systemClock } from '../watch/schedule/poller.ts';
import { planOf } from './plan.ts';
import type { SessionSettings } from './session.ts';
import { servedSettings } from './telemetry.ts';
import type { Kept, RoleReader, Term } from './term.ts';

/** How often a standby looks at the lease, and at what has changed, in ms. */
const lookEveryMs = 1_000;
/** Events that are read of the log at once. */
const eventsAtOnce = 1_000;

/** What a standby knows of the lease, by its monotonic clock in ms. */
export interface StandbyFacts {
  readonly lease: Pick<LeaseView, 'holder' | 'remainingMs'>;
  readonly leaseMs: number;
  /** Since when the store can be reached again; undefined where it always could. */
  readonly backSince: number | undefined;
}

/**
 * Returns whether a standby takes the lease: it was given back, or has expired. Where the store was out of reach, the
 * holder could not renew it either: it gets the length of a lease to come back, as it knows what happened meanwhile.
 */
export function isToTakeOver({ lease, leaseMs, backSince }: StandbyFacts, now: number): boolean {
  if (lease.holder === undefined) return true;
  if (lease.remainingMs > 0) return false;
  return backSince === undefined || now - backSince >= leaseMs;
}

/** What an attempt to take the lease led to, and when it began by the monotonic clock in ms. */
export interface Taken {
  readonly taking: Extract<Taking, { taken: true }>;
  readonly takenAt: number;
}

/** This watcher stands by: it shows what the store has, and takes over when the active one does not renew its lease. */
export interface StandbyTerm extends Term {
  /** Resolves when this watcher has taken the lease; to undefined at the end. */
  readonly ended: Promise<Taken | undefined>;
  /** Who holds the lease, as far as it is known. */
  readonly lease: LeaseView;
  /** For how long it has stood by, in ms. */
  readonly ageMs: number;
  /** Looks no more. Resolves when a look that is under way has ended. */
  close(): Promise<void>;
}

/** Opens a standby that follows the store. It goes on where the store cannot be reached. */
export async function openStandbyTerm(
  kept: Kept<SharedStore>,
  first: SessionSettings,
  leaseMs: number,
  lease: LeaseView,
): Promise<StandbyTerm> {
  const { store, write, telemetry, fail } = kept;
  const begunAt = monotonicNow();
  const ending = new AbortController();
  const sink = new StandardOutputSink({ log: store, write });
  const view = new FollowedStore(kept, first);
  let latest = lease;
  let wokenAt = begunAt;
  /** Whether the latest look has succeeded; undefined before the first one. */
  let isReached: boolean | undefined;
  let backSince: number | undefined;
  let running = Promise.resolve();

  async function look(): Promise<Taken | undefined> {
    wokenAt = monotonicNow();
    try {
      latest = await store.lease.look();
      if (isReached === false) backSince = monotonicNow();
      if (isToTakeOver({ lease: latest, leaseMs, backSince }, monotonicNow())) {
        const takenAt = monotonicNow();
        const taking = await store.lease.take();
        if (taking.taken) return { taking, takenAt };
        latest = taking.lease;
      }
      isReached = await isDone(view.follow());
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      isReached = false;
    }
    return undefined;
  }

  async function run(): Promise<Taken | undefined> {
    while (!ending.signal.aborted) {
      const taken = await look();
      if (taken !== undefined) return taken;
      await delay(lookEveryMs, undefined, { signal: ending.signal }).catch(() => {});
    }
    return undefined;
  }

  const reader: RoleReader = {
    settings: () => servedSettings(view),
    snapshots: () => view.fleet.snapshots,
    openOutages: () => view.fleet.scopes.openScopes,
    liveness: () => liveness({ wokenAt, oldestStartedAt: undefined, pollTimeoutMs: 0 }, monotonicNow()),
    status: () => ({ firstRoundDone: isReached === true, stateWritable: isReached !== false }),
    notifications: () => ({ receivers: [], pingTakenAt: undefined }),
  };
  isReached = await isDone(view.follow());
  const { promise: ended, resolve } = Promise.withResolvers<Taken | undefined>();
  return {
    reader,
    ended,
    get settings() {
      return view.settings;
    },
    get lease() {
      return latest;
    },
    get ageMs() {
      return monotonicNow() - begunAt;
    },
    get droppedLines() {
      return sink.droppedLines;
    },
    get delivered() {
      return sink.delivered;
    },
    emit(record) {
      sink.offer([{ kind: 'passing', record }]);
      void sink.deliver();
      telemetry.onEvents([record], false);
    },
    deliver: () => void sink.deliver(),
    begin() {
      running = run()
        .catch((fault: unknown) => {
          fail(fault);
          return undefined;
        })
        .then(resolve);
    },
    apply: (next) => view.use(next),
    async close() {
      ending.abort();
      await running;
    },
  };
}

/** Resolves to whether the work was done: not where the store cannot be used. */
async function isDone(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return false;
  }
}

/** What the store has of the migrations that are watched, as another watcher writes it. */
class FollowedStore {
  readonly #kept: Kept<SharedStore>;
  readonly #states = new Map<string, MigrationState>();
  #outages: readonly ScopeOutage[] = [];
  #revision = 0;
  /** Position of the latest event that was passed on; undefined before the first look. */
  #position: number | undefined;
  settings: SessionSettings;
  plan: ReturnType<typeof planOf>;
  fleet: Fleet;

  constructor(kept: Kept<SharedStore>, settings: SessionSettings) {
    this.#kept = kept;
    this.settings = settings;
    this.plan = planOf(settings.config);
    this.fleet = this.#newFleet();
  }

  /** Reads what has changed. */
  async follow(): Promise<void> {
    const { store, telemetry } = this.#kept;
    const isFirst = this.#position === undefined;
    const { revision, states } = await store.changesSince(this.#revision);
    const outages = await store.outages();
    const position = this.#position ?? (await store.lastPosition());
    const events = isFirst ? [] : await store.eventsFrom(position + 1, eventsAtOnce);
    if (isFirst) await this.#loadSamples();
    for (const recorded of states) this.#learn(recorded);
    this.#revision = revision;
    if (JSON.stringify(outages) !== JSON.stringify(this.#outages)) {
      this.#outages = outages;
      this.fleet = this.#newFleet(this.fleet);
    }
    this.#position = events.at(-1)?.position ?? position;
    telemetry.followed(
      states,
      events.map(({ record }) => record),
    );
  }

  /** Uses other settings, and reads everything again. */
  async use(next: SessionSettings): Promise<TargetChanges> {
    this.settings = next;
    this.plan = planOf(next.config);
    const changes = this.fleet.replace(next.config.migrations, new Map());
    this.#revision = 0;
    return Promise.resolve(changes);
  }

  async #loadSamples(): Promise<void> {
    const { migrations } = this.settings.config;
    const loaded = await earlierSamples(this.#kept.store, migrations, systemClock.now());
    for (const migration of this.fleet.all)
      migration.samples = loaded.get(migration.key) ?? migration.samples;
  }

  #learn({ groupId, liveMigrationId, state }: RecordedState): void {
    const key = keyOf({ groupId, liveMigrationId });
    const before = this.#states.get(key)?.observation?.observedAt;
    this.#states.set(key, state);
    const migration = this.fleet.get(key);
    if (migration === undefined) return;
    const { observedAt, lagTimeSeconds } = state.observation ?? {};
    const isNews = before !== undefined && observedAt !== undefined && observedAt > before;
    if (isNews && lagTimeSeconds !== undefined)
      migration.samples = addSample(migration.samples, { observedAt, lagTimeSeconds });
  }

  /** A fleet with the outages of now, and the samples of the former one. */
  #newFleet(former?: Fleet): Fleet {
    const fleet = new Fleet(new Scopes(this.#outages), {
      state: (target) => this.#states.get(keyOf(target)),
    });
    const samples = new Map([...(former?.all ?? [])].map(({ key, samples: known }) => [key, known]));
    fleet.replace(this.settings.config.migrations, samples);
    return fleet;
  }
}
