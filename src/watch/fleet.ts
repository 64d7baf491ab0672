import type { AtlasError } from '../atlas/atlas-error.ts';
import { keyOf } from '../atlas/migration-resource.ts';
import type { MigrationState, ScopeOutage } from '../state/migration-state.ts';
import type { Recorder } from '../state/recorder.ts';
import type { Store } from '../state/store.ts';
import type { Cadence } from './migration/cadence.ts';
import {
  collectSamples,
  type LagSamples,
  noSamples,
  reachMs,
  usefulMoments,
} from './migration/lag-samples.ts';
import { type Target, type TargetChanges, targetChanges } from './migration/target.ts';
import type { ScopeMember } from './outage/evidence.ts';
import type { ProbeRequest, Scopes } from './outage/scopes.ts';
import type { QueuedJob } from './schedule/fair-queue.ts';

/** What is near readiness goes before others of its project that have waited less than this longer, in ms. */
const nearHeadStartMs = 60_000;

/** One migration being watched, as far as this run knows it. Its state, which outlives the run, is with the recorder. */
export interface WatchedMigration extends QueuedJob {
  readonly key: string;
  headStartMs: number;
  target: Target;
  /** When its latest poll of this run ended, and when it was last read in this run, in ms since 1970. */
  endedAt: number | undefined;
  readAt: number | undefined;
  /** How the latest poll of this run ended. */
  latest: 'read' | AtlasError | undefined;
  cadence: Cadence;
  samples: LagSamples;
  /** When the poll that waits or runs was due, of the monotonic clock in ms. */
  dueAt: number;
  /** Since when a notice waits for a poll, of the monotonic clock in ms. */
  noticeSince: number | undefined;
  /** The other migrations that were polled to find the scope of its outage. */
  probes: ProbeRequest | undefined;
  /** The poll under way. */
  polling: Promise<void> | undefined;
}

/** What is known of one migration that is being watched. */
export type MigrationSnapshot = Readonly<
  Pick<WatchedMigration, 'target' | 'cadence' | 'samples' | 'latest'>
> & {
  readonly state: MigrationState | undefined;
  /** The open outage of its project or of the account, if that keeps it from being read. */
  readonly scopeOutage?: ScopeOutage | undefined;
};

/** The migrations being watched, and how the scopes they belong to are. It outlives a reload. */
export class Fleet {
  readonly scopes: Scopes;
  readonly #recorder: Pick<Recorder, 'state'>;
  #migrations: ReadonlyMap<string, WatchedMigration> = new Map();
  /** Keys of the migrations that are not settled. */
  readonly #open = new Set<string>();

  constructor(scopes: Scopes, recorder: Pick<Recorder, 'state'>) {
    this.scopes = scopes;
    this.#recorder = recorder;
  }

  /** In the order of the configuration. */
  get all(): Iterable<WatchedMigration> {
    return this.#migrations.values();
  }

  /** How many are not settled. */
  get open(): number {
    return this.#open.size;
  }

  get snapshots(): readonly MigrationSnapshot[] {
    return [...this.#migrations.values()].map((migration) => ({
      ...migration,
      state: this.#recorder.state(migration.target),
      scopeOutage: this.scopes.outageAround(migration.key, migration.target.groupId),
    }));
  }

  get(key: string): WatchedMigration | undefined {
    return this.#migrations.get(key);
  }

  has(migration: WatchedMigration): boolean {
    return this.#migrations.get(migration.key) === migration;
  }

  /**
   * Replaces the watched migrations, and returns how they differ from the former ones. A migration in both lists keeps
   * its entry. `samplesOf` are the lag samples of earlier runs, by key.
   */
  replace(targets: readonly Target[], samplesOf: ReadonlyMap<string, LagSamples>): TargetChanges {
    const former = this.#migrations;
    const changes = targetChanges(
      [...former.values()].map(({ target }) => target),
      targets,
    );
    this.#migrations = new Map(
      targets.map((target) => {
        const key = keyOf(target);
        const migration = former.get(key) ?? newMigration(target, samplesOf.get(key) ?? noSamples);
        migration.target = target;
        return [key, migration];
      }),
    );
    this.#open.clear();
    for (const migration of this.#migrations.values()) this.#count(migration);
    this.scopes.setMembers([...this.#migrations.values()].map((migration) => this.memberOf(migration)));
    return changes;
  }

  /** Updates the indexes after a poll of this migration. */
  update(migration: WatchedMigration, change: Partial<WatchedMigration>): void {
    Object.assign(migration, change);
    const isReady = this.#recorder.state(migration.target)?.readiness !== undefined;
    migration.headStartMs = migration.cadence === 'approaching' && !isReady ? nearHeadStartMs : 0;
    this.#count(migration);
    this.scopes.update(this.memberOf(migration));
  }

  /** Returns what an outage needs to know of a migration. */
  memberOf(migration: WatchedMigration): ScopeMember {
    const { key, target, endedAt } = migration;
    return {
      key,
      groupId: target.groupId,
      settled: !this.#open.has(key),
      outage: this.#recorder.state(target)?.outage,
      endedAt,
    };
  }

  #count(migration: WatchedMigration): void {
    if (this.#recorder.state(migration.target)?.settlement !== undefined) this.#open.delete(migration.key);
    else this.#open.add(migration.key);
  }
}

/** So many of the latest samples of each migration are read at a start, or fewer where migrations are many, */
const latestRead = { few: 200, many: 40 } as const;
const manyTargets = 100;
/** The latest samples of any migration reach back at least so far, in ms. */
const shortestReachMs = 60_000;

/**
 * Resolves to the lag samples that earlier runs leave of each migration, by key: the latest, and of those before them
 * only some, because reading all takes too long. `now` in ms since 1970.
 */
export async function earlierSamples(
  store: Pick<Store, 'samplesOfMany'>,
  targets: readonly Target[],
  now: number,
): Promise<ReadonlyMap<string, LagSamples>> {
  const latest = targets.length > manyTargets ? latestRead.many : latestRead.few;
  const moments = usefulMoments(now, now - shortestReachMs);
  const found = await store.samplesOfMany(targets, { since: now - reachMs, latest, moments });
  return new Map([...found].map(([key, samples]) => [key, collectSamples(samples)]));
}

function newMigration(target: Target, samples: LagSamples): WatchedMigration {
  return {
    key: keyOf(target),
    target,
    lane: target.groupId,
    headStartMs: 0,
    endedAt: undefined,
    readAt: undefined,
    latest: undefined,
    cadence: 'default',
    samples,
    dueAt: Number.POSITIVE_INFINITY,
    noticeSince: undefined,
    probes: undefined,
    polling: undefined,
  };
}
