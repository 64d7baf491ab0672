import type { MigrationState } from '../state/migration-state.ts';
import type { Batch, Change, Store } from '../state/store.ts';
import type { Target } from './migration/target.ts';
import { keyOf } from './migration/target.ts';

type Migration = Pick<Change, 'groupId' | 'liveMigrationId'>;

/** What is known of every migration, and what of it the store does not know yet. */
export class Memory {
  readonly #sampleLimit: number;
  readonly #states = new Map<string, Batch['states'][number]>();
  /** Keys of the migrations in the configuration. */
  #watched: ReadonlySet<string> = new Set();
  /** Migrations whose state could not be looked up yet: what the store holds goes before what memory has. */
  readonly #unread = new Map<string, Migration>();
  /** Migrations whose state the store does not know yet. */
  readonly #dirty = new Set<string>();
  #samples: Batch['samples'][number][] = [];
  #droppedSamples = 0;
  #lookedUp = 0;

  /** `sampleLimit`: how many lag samples are kept for the store, at most. */
  constructor(sampleLimit: number) {
    this.#sampleLimit = sampleLimit;
  }

  state(target: Target): MigrationState | undefined {
    return this.#states.get(keyOf(target))?.state;
  }

  /** How many states have come from the store so far. */
  get lookedUp(): number {
    return this.#lookedUp;
  }

  isUnread(target: Target): boolean {
    return this.#unread.has(keyOf(target));
  }

  /** These are watched from now on, and no others. */
  expect(targets: readonly Target[]): void {
    this.#watched = new Set(targets.map(keyOf));
    for (const { groupId, liveMigrationId } of targets) {
      const key = keyOf({ groupId, liveMigrationId });
      if (!this.#states.has(key)) this.#unread.set(key, { groupId, liveMigrationId });
    }
  }

  learn({ groupId, liveMigrationId, state, sample }: Change): void {
    const key = keyOf({ groupId, liveMigrationId });
    this.#states.set(key, { groupId, liveMigrationId, state });
    this.#dirty.add(key);
    if (sample !== undefined) this.#samples.push({ groupId, liveMigrationId, ...sample });
    if (this.#samples.length <= this.#sampleLimit) return;
    this.#samples.shift();
    this.#droppedSamples += 1;
  }

  /**
   * Looks up what could not be. What was told from memory meanwhile stays told: what the store remembers, such as
   * when a readiness began, is worth more, and the next poll compares with that.
   */
  read(store: Pick<Store, 'load'>): void {
    for (const [key, { groupId, liveMigrationId }] of this.#unread) {
      const state = store.load(groupId, liveMigrationId);
      this.#unread.delete(key);
      if (state === undefined) continue;
      this.#states.set(key, { groupId, liveMigrationId, state });
      this.#dirty.delete(key);
      this.#lookedUp += 1;
    }
  }

  /** Returns what the store does not know yet. */
  unstored(): Pick<Batch, 'states' | 'samples'> {
    const states = [...this.#dirty]
      .map((key) => this.#states.get(key))
      .filter((state) => state !== undefined);
    return { states, samples: this.#samples };
  }

  /** The store has taken all that it did not know. */
  stored(): void {
    this.#dirty.clear();
    this.#samples = [];
  }

  /** Another store has taken the place of the one that knew. */
  moved(): void {
    for (const key of this.#states.keys()) this.#dirty.add(key);
  }

  /** Forgets what is not watched any more, once the store knows it. */
  forget(): void {
    for (const key of this.#states.keys())
      if (!this.#watched.has(key) && !this.#dirty.has(key)) this.#states.delete(key);
    for (const key of this.#unread.keys())
      if (!this.#watched.has(key) && !this.#states.has(key)) this.#unread.delete(key);
  }

  /** Returns how many samples were dropped before they could be stored, and begins to count anew. */
  takeDroppedSamples(): number {
    const dropped = this.#droppedSamples;
    this.#droppedSamples = 0;
    return dropped;
  }
}
