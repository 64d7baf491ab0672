import { keyOf } from '../atlas/migration-resource.ts';
import type { SharedStore } from '../state/leased-store.ts';
import type { MigrationState, ScopeOutage } from '../state/migration-state.ts';
import type { RecordedState } from '../state/store.ts';
import { earlierSamples, Fleet, type WatchedMigration } from '../watch/fleet.ts';
import { cadenceWith } from '../watch/migration/apply-poll.ts';
import { addSample } from '../watch/migration/lag-samples.ts';
import type { TargetChanges } from '../watch/migration/target.ts';
import { Scopes } from '../watch/outage/scopes.ts';
import { systemClock } from '../watch/schedule/poller.ts';
import { planOf } from './plan.ts';
import type { SessionSettings } from './session.ts';
import type { Kept } from './term.ts';

/** Events that are read of the log at once. */
const eventsAtOnce = 1_000;

/** What the store has of the migrations that are watched, as another watcher writes it. */
export class FollowedStore {
  readonly #kept: Pick<Kept<SharedStore>, 'store' | 'telemetry'>;
  readonly #states = new Map<string, MigrationState>();
  #outages: readonly ScopeOutage[] = [];
  #revision = 0;
  /** Position of the latest event that was passed on; undefined before the first look. */
  #position: number | undefined;
  settings: SessionSettings;
  plan: ReturnType<typeof planOf>;
  fleet: Fleet;

  constructor(kept: Pick<Kept<SharedStore>, 'store' | 'telemetry'>, settings: SessionSettings) {
    this.#kept = kept;
    this.settings = settings;
    this.plan = planOf(settings.config);
    this.fleet = this.#newFleet();
  }

  /** Reads what has changed. Rejects with a StateError where the store cannot be read. */
  async follow(): Promise<void> {
    const { store, telemetry } = this.#kept;
    const { revision, states } = await store.changesSince(this.#revision);
    const outages = await store.outages();
    // A store with fewer revisions is another one: all of it is new.
    const former = revision < this.#revision ? undefined : this.#position;
    const position = former ?? (await store.lastPosition());
    const events = former === undefined ? [] : await store.eventsFrom(position + 1, eventsAtOnce);
    if (this.#position === undefined) await this.#loadSamples();
    if (former === undefined) this.#states.clear();
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

  /** Uses other settings. Rejects with a StateError where the store cannot be read; nothing has changed then. */
  async use(next: SessionSettings): Promise<TargetChanges> {
    const added = next.config.migrations.filter((target) => this.fleet.get(keyOf(target)) === undefined);
    const samples = await earlierSamples(this.#kept.store, added, systemClock.now());
    this.settings = next;
    this.plan = planOf(next.config);
    const changes = this.fleet.replace(next.config.migrations, samples);
    for (const migration of this.fleet.all) this.#refresh(this.fleet, migration);
    return changes;
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
    this.#refresh(this.fleet, migration);
  }

  /** Finds out what follows from the state of a migration and its samples, as the active watcher does after a poll. */
  #refresh(fleet: Fleet, migration: WatchedMigration): void {
    const { key, target, samples, cadence } = migration;
    const state = this.#states.get(key);
    const { policy } = this.plan.planFor(target);
    fleet.update(
      migration,
      state === undefined ? {} : { cadence: cadenceWith(samples, cadence, state, policy) },
    );
  }

  /** A fleet with the outages of now, and the samples of the former one. */
  #newFleet(former?: Fleet): Fleet {
    const fleet = new Fleet(new Scopes(this.#outages), {
      state: (target) => this.#states.get(keyOf(target)),
    });
    const samples = new Map([...(former?.all ?? [])].map(({ key, samples: known }) => [key, known]));
    fleet.replace(this.settings.config.migrations, samples);
    for (const migration of fleet.all) this.#refresh(fleet, migration);
    return fleet;
  }
}
