import type { MigrationId } from '../atlas/migration-resource.ts';
import { keyOf } from '../atlas/migration-resource.ts';
import type { EventRecord } from '../events/event-record.ts';
import { type MigrationState, type ScopeKey, type ScopeOutage, scopeKey } from './migration-state.ts';
import type {
  Batch,
  Cursor,
  LagSample,
  OutageChange,
  RecordedSample,
  RecordedState,
  StoredRequest,
} from './store.ts';

/** Changes that are recorded together. */
export interface Change {
  /** The migration's new state, and the lag that was observed. */
  readonly migration?: (RecordedState & { readonly sample?: LagSample | undefined }) | undefined;
  /** In the order in which they are emitted. Events that are not durable are not stored. */
  readonly events: readonly EventRecord[];
  readonly outages?: readonly OutageChange[] | undefined;
  /** Ids of the requests that these changes take up. */
  readonly requests?: readonly string[] | undefined;
}

/** Limits of what memory holds while the store fails. The oldest is dropped. */
export interface CacheLimits {
  readonly events: number;
  readonly samples: number;
}

/** The states and outages that are known, and what the store does not have of them yet (write-behind). */
export class StateCache {
  readonly #states = new Map<string, RecordedState>();
  readonly #outages = new Map<ScopeKey, ScopeOutage>();
  #tracked: ReadonlySet<string> = new Set();
  /** Keys of states to be forgotten once the store has them. */
  readonly #leaving = new Set<string>();
  /** Keys of what the store does not have yet, and cursors by their sinks. */
  readonly #dirty = {
    states: new Set<string>(),
    outages: new Set<ScopeKey>(),
    cursors: new Set<string>(),
    removedSinks: new Set<string>(),
    /** Ids of requests to remove. */
    requests: new Set<string>(),
  };
  /** Ids of requests that changes took up, and that the store may still have. */
  readonly #takenUp = new Set<string>();
  /** How far each sink has delivered the event log. */
  readonly #cursors = new Map<string, Cursor>();
  readonly #samples: BoundedList<RecordedSample>;
  readonly #events: BoundedList<EventRecord>;

  constructor(limits: CacheLimits, outages: readonly ScopeOutage[]) {
    this.#samples = new BoundedList(limits.samples);
    this.#events = new BoundedList(limits.events);
    for (const outage of outages) this.#outages.set(scopeKey(outage), outage);
  }

  /** Outages of scopes that are not over. */
  get openOutages(): readonly ScopeOutage[] {
    return [...this.#outages.values()];
  }

  /** How many states the store does not have yet, or samples if they are more. */
  get waiting(): number {
    return Math.max(this.#dirty.states.size, this.#samples.length);
  }

  state(key: string): MigrationState | undefined {
    return this.#states.get(key)?.state;
  }

  /** Keeps these migrations, with what the store has of those that were unknown, and forgets all others. */
  track(migrations: readonly MigrationId[], stored: readonly RecordedState[]): void {
    this.#tracked = new Set(migrations.map(keyOf));
    for (const recorded of stored) {
      const key = keyOf(recorded);
      if (!this.#states.has(key)) this.#states.set(key, recorded);
    }
    for (const key of this.#states.keys()) if (!this.#tracked.has(key)) this.#leaving.add(key);
    this.#forget();
  }

  learn({ migration, events, outages = [], requests = [] }: Change): void {
    if (migration !== undefined) {
      const { groupId, liveMigrationId, state, sample } = migration;
      const key = keyOf(migration);
      this.#states.set(key, { groupId, liveMigrationId, state });
      this.#dirty.states.add(key);
      if (!this.#tracked.has(key)) this.#leaving.add(key);
      if (sample !== undefined) this.#samples.add({ groupId, liveMigrationId, ...sample });
    }
    for (const { key, outage } of outages) {
      if (outage === undefined) this.#outages.delete(key);
      else this.#outages.set(key, outage);
      this.#dirty.outages.add(key);
    }
    for (const id of requests) {
      this.#dirty.requests.add(id);
      this.#takenUp.add(id);
    }
    this.#events.add(...events);
  }

  /** Sets the stored cursor of a sink. */
  startCursor(cursor: Cursor): void {
    this.#cursors.set(cursor.sink, cursor);
  }

  /** Sets the cursor of a sink. Returns whether it is not stored yet. */
  learnCursor(cursor: Cursor): boolean {
    const { sink, position, delivery } = cursor;
    const known = this.#cursors.get(sink);
    if (known?.position === position && known.delivery === delivery) return false;
    this.#cursors.set(sink, cursor);
    this.#dirty.cursors.add(sink);
    this.#dirty.removedSinks.delete(sink);
    return true;
  }

  /** Forgets the cursor of a sink. */
  removeCursor(sink: string): void {
    this.#cursors.delete(sink);
    this.#dirty.cursors.delete(sink);
    this.#dirty.removedSinks.add(sink);
  }

  /** Returns what the store does not have yet, for a commit. */
  take(): Batch {
    const states = [...this.#dirty.states].flatMap((key) => this.#states.get(key) ?? []);
    const outages = [...this.#dirty.outages].map((key) => ({ key, outage: this.#outages.get(key) }));
    this.#dirty.states.clear();
    const cursors = [...this.#dirty.cursors].flatMap((sink) => this.#cursors.get(sink) ?? []);
    const removedSinks = [...this.#dirty.removedSinks];
    const requests = [...this.#dirty.requests];
    this.#dirty.outages.clear();
    this.#dirty.cursors.clear();
    this.#dirty.removedSinks.clear();
    this.#dirty.requests.clear();
    const [samples, events] = [this.#samples.take(), this.#events.take()];
    return { states, outages, cursors, removedSinks, requests, samples, events };
  }

  /** The commit of this failed: it goes into the next one, unless it has changed since. */
  putBack({ states, outages, samples, events, cursors, removedSinks = [], requests = [] }: Batch): void {
    for (const recorded of states) {
      const key = keyOf(recorded);
      if (!this.#states.has(key)) this.#states.set(key, recorded);
      this.#dirty.states.add(key);
      if (!this.#tracked.has(key)) this.#leaving.add(key);
    }
    for (const { key } of outages) this.#dirty.outages.add(key);
    for (const { sink } of cursors) if (this.#cursors.has(sink)) this.#dirty.cursors.add(sink);
    for (const sink of removedSinks) if (!this.#cursors.has(sink)) this.#dirty.removedSinks.add(sink);
    for (const id of requests) this.#dirty.requests.add(id);
    this.#samples.putBack(samples);
    this.#events.putBack(events);
  }

  /** Returns those of the requests that no change took up, as far as it was known when they were read. */
  async notTakenUp(reading: Promise<readonly StoredRequest[]>): Promise<readonly StoredRequest[]> {
    const takenUp = new Set(this.#takenUp);
    return (await reading).filter(({ id }) => !takenUp.has(id));
  }

  /** The commit succeeded. */
  committed(): void {
    for (const id of this.#takenUp) if (!this.#dirty.requests.has(id)) this.#takenUp.delete(id);
    this.#forget();
  }

  /** The store has lost everything: all that is known goes into the next commit, with what this one had. */
  storeReplaced(batch: Batch): void {
    this.putBack(batch);
    for (const key of this.#states.keys()) this.#dirty.states.add(key);
    for (const key of this.#outages.keys()) this.#dirty.outages.add(key);
    for (const sink of this.#cursors.keys()) this.#dirty.cursors.add(sink);
  }

  /** Returns how much was dropped since the last call. */
  takeDropped(): { readonly events: number; readonly samples: number } {
    return { events: this.#events.takeDropped(), samples: this.#samples.takeDropped() };
  }

  /** Forgets what is not tracked, once the store has it. */
  #forget(): void {
    for (const key of this.#leaving) {
      if (this.#dirty.states.has(key)) continue;
      this.#leaving.delete(key);
      if (!this.#tracked.has(key)) this.#states.delete(key);
    }
  }
}

/** A list that drops its oldest items beyond a limit, and counts them. */
export class BoundedList<Item> {
  readonly #limit: number;
  #items: Item[] = [];
  #dropped = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#items.length;
  }

  add(...items: readonly Item[]): void {
    this.#items.push(...items);
    this.#trim();
  }

  /** Returns the items, oldest first, and removes them. */
  take(): readonly Item[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }

  /** Adds items that were taken, before those added since. */
  putBack(items: readonly Item[]): void {
    this.#items = [...items, ...this.#items];
    this.#trim();
  }

  /** Returns how many items were dropped since the last call. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  #trim(): void {
    const excess = this.#items.length - this.#limit;
    if (excess <= 0) return;
    this.#items.splice(0, excess);
    this.#dropped += excess;
  }
}
