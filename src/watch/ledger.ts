import type { Emit } from '../events/emitter.ts';
import type { MigrationState } from '../state/migration-state.ts';
import type { Change, LagSample, OutboxEntry, Store } from '../state/store.ts';
import type { Target } from './target.ts';

const samplesKeptMs = 30 * 24 * 3_600_000;

/**
 * What is remembered of every migration, and the delivery of its events: state and events are committed
 * together, then written, then marked as written. After a crash at any instant the outbox holds what may not
 * have been written, under the same event ids.
 */
export class Ledger {
  readonly #store: Store;
  readonly #emit: Emit;
  readonly #states = new Map<string, MigrationState>();

  constructor(store: Store, emit: Emit, targets: readonly Target[]) {
    this.#store = store;
    this.#emit = emit;
    for (const { groupId, liveMigrationId } of targets) {
      const state = store.load(groupId, liveMigrationId);
      if (state !== undefined) this.#states.set(keyOf({ groupId, liveMigrationId }), state);
    }
  }

  state(target: Target): MigrationState | undefined {
    return this.#states.get(keyOf(target));
  }

  /** Returns the lag samples of a migration taken since this moment (ms since 1970), oldest first. */
  samples({ groupId, liveMigrationId }: Target, since: number): readonly LagSample[] {
    return this.#store.samples(groupId, liveMigrationId, since);
  }

  /** Writes what an earlier run committed and may not have written. */
  deliverLeftovers(): void {
    this.#deliver(this.#store.unwritten());
  }

  record(change: Change): void {
    const entries = this.#store.commit([change]);
    this.#states.set(keyOf(change), change.state);
    this.#deliver(entries);
  }

  /** Forgets lag samples that nobody will look at any more. `now` in ms since 1970. */
  prune(now: number): void {
    this.#store.pruneSamples(now - samplesKeptMs);
  }

  #deliver(entries: readonly OutboxEntry[]): void {
    this.#store.markWritten(entries.filter(({ record }) => this.#emit(record)));
  }
}

function keyOf({ groupId, liveMigrationId }: Pick<Target, 'groupId' | 'liveMigrationId'>): string {
  return `${groupId}/${liveMigrationId}`;
}
