import type { Emit } from '../events/emitter.ts';
import { buildEvent, type EventRecord } from '../events/event-record.ts';
import type { MigrationState } from '../state/migration-state.ts';
import { stateFaultOf } from '../state/state-fault.ts';
import type { Batch, Change, LagSample, Store } from '../state/store.ts';
import { Outbox, type OutboxLimits, outboxLimits } from './outbox.ts';
import type { Target } from './target.ts';
import { keyOf } from './target-changes.ts';

const samplesKeptMs = 30 * 24 * 3_600_000;

export interface LedgerOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /**
   * Told of events as they are found, before they are written; `stored` says whether the store has those of them
   * that are kept.
   */
  readonly onEvents?: (records: readonly EventRecord[], stored: boolean) => void;
  /** What memory holds while the store or the log takes nothing. */
  readonly limits?: OutboxLimits & { readonly samples: number };
}

/**
 * What is remembered of every migration, and the delivery of its events: state and events are committed
 * together, then written, then marked as written. After a crash at any instant the outbox holds what may not
 * have been written, under the same event ids.
 *
 * While the store fails, memory stands in for it, and everything is written back with the first record for which
 * it works again. While the log takes nothing, events stay unwritten in the store.
 */
export class Ledger {
  readonly #store: Store;
  readonly #emit: Emit;
  readonly #now: () => number;
  readonly #onEvents: (records: readonly EventRecord[], stored: boolean) => void;
  readonly #sampleLimit: number;
  readonly #outbox: Outbox;
  readonly #waitingLimit: number;
  readonly #states = new Map<string, Batch['states'][number]>();
  /** Keys of the migrations in the configuration. */
  #watched: ReadonlySet<string> = new Set();
  /** Migrations whose state could not be looked up yet: what the store holds goes before what memory has. */
  readonly #unread = new Map<string, Pick<Change, 'groupId' | 'liveMigrationId'>>();
  /** Migrations whose state the store does not know yet. */
  readonly #dirty = new Set<string>();
  #samples: Batch['samples'][number][] = [];
  #droppedSamples = 0;
  /** When the store began to fail, in ms since 1970. */
  #unavailableSince: number | undefined;

  constructor(store: Store, emit: Emit, targets: readonly Target[], options: LedgerOptions = {}) {
    const { now = Date.now, onEvents = () => {}, limits = { ...outboxLimits, samples: 10_000 } } = options;
    this.#store = store;
    this.#emit = emit;
    this.#now = now;
    this.#onEvents = onEvents;
    this.#sampleLimit = limits.samples;
    this.#waitingLimit = limits.waiting;
    this.#outbox = new Outbox(limits);
    this.remember(targets);
  }

  /** Looks up what the store holds of these migrations, where nothing newer is known, and forgets all others. */
  remember(targets: readonly Target[]): void {
    if (this.#unavailableSince !== undefined) this.writeBack();
    this.#watched = new Set(targets.map(keyOf));
    for (const { groupId, liveMigrationId } of targets) {
      const key = keyOf({ groupId, liveMigrationId });
      if (!this.#states.has(key)) this.#unread.set(key, { groupId, liveMigrationId });
    }
    try {
      this.#read();
    } catch (error) {
      this.#fail(error);
    }
    this.#forget();
  }

  /**
   * Returns what is remembered of a migration, and looks it up first where that was not possible so far. A store
   * in trouble is no reason to stop: the migration is then watched as one never seen, as late news are worse than
   * news told twice.
   */
  recall(target: Target): MigrationState | undefined {
    if (this.#unread.has(keyOf(target))) this.writeBack();
    return this.state(target);
  }

  state(target: Target): MigrationState | undefined {
    return this.#states.get(keyOf(target))?.state;
  }

  /** Returns the lag samples of a migration taken since this moment (ms since 1970), oldest first. */
  samples({ groupId, liveMigrationId }: Target, since: number): readonly LagSample[] {
    try {
      return this.#store.samples(groupId, liveMigrationId, since);
    } catch (error) {
      this.#fail(error);
      return [];
    }
  }

  /** Whether every event has been written to the log. */
  get delivered(): boolean {
    return this.#outbox.first === undefined && !this.#outbox.moreInStore;
  }

  /** How many lines that are never stored, like heartbeats, the log did not take in time. */
  get droppedLines(): number {
    return this.#outbox.droppedLines;
  }

  /** Writes what an earlier run committed and may not have written. */
  deliverLeftovers(): void {
    this.#outbox.expectLeftovers();
    this.deliver();
  }

  record({ groupId, liveMigrationId, state, events, sample }: Change): void {
    const key = keyOf({ groupId, liveMigrationId });
    this.#states.set(key, { groupId, liveMigrationId, state });
    this.#dirty.add(key);
    if (sample !== undefined) this.#samples.push({ groupId, liveMigrationId, ...sample });
    if (this.#samples.length > this.#sampleLimit) {
      this.#samples.shift();
      this.#droppedSamples += 1;
    }
    this.#outbox.add(events);
    const stored = this.writeBack();
    this.#onEvents(events, stored);
    this.deliver();
  }

  /** Writes an event that is not stored, behind those that wait; returns whether nothing waits any more. */
  say(record: EventRecord): boolean {
    this.#note(record);
    if (this.#unavailableSince !== undefined) this.writeBack();
    this.deliver();
    return this.delivered;
  }

  /** Writes all that waits, as long as the log takes it, and marks it as written. */
  deliver(): void {
    this.#write();
    if (this.#outbox.marks.length === 0 || this.#unavailableSince !== undefined) return;
    // A failure to mark is to be told as well.
    if (!this.writeBack()) this.#write();
  }

  /** Brings the store up to date with memory, if it can be; returns whether it is. */
  writeBack(): boolean {
    try {
      const carried = this.#store.refresh();
      if (carried !== undefined) {
        this.#outbox.moved(carried);
        for (const key of this.#states.keys()) this.#dirty.add(key);
      }
      this.#read();
      this.#outbox.stored(this.#store.commit(this.#batch()));
      this.#dirty.clear();
      this.#samples = [];
    } catch (error) {
      this.#fail(error);
      return false;
    }
    if (this.#unavailableSince !== undefined) this.#recover(this.#unavailableSince);
    return true;
  }

  /** Forgets lag samples that nobody will look at any more. `now` in ms since 1970. */
  prune(now: number): void {
    if (this.#unavailableSince !== undefined && !this.writeBack()) return;
    try {
      this.#store.pruneSamples(now - samplesKeptMs);
    } catch (error) {
      this.#fail(error);
    }
    this.deliver();
  }

  #write(): void {
    for (let item = this.#next(); item !== undefined; item = this.#next()) {
      if (!this.#emit(item.record)) break;
      this.#outbox.wrote(item);
    }
  }

  #next() {
    const { next, moreInStore } = this.#outbox;
    if (next !== undefined || !moreInStore) return next;
    // What the store has not marked yet would be read from it, and written, again.
    if (this.#outbox.marks.length > 0) this.writeBack();
    if (this.#unavailableSince === undefined) this.#refill();
    return this.#outbox.next ?? this.#outbox.first;
  }

  #refill(): void {
    try {
      this.#outbox.refill(this.#store.unwritten(this.#waitingLimit));
    } catch (error) {
      this.#fail(error);
    }
  }

  /**
   * Looks up what could not be. What was told from memory meanwhile stays told: what the store remembers, such as
   * when a readiness began, is worth more, and the next poll compares with that.
   */
  #read(): void {
    for (const [key, { groupId, liveMigrationId }] of this.#unread) {
      const state = this.#store.load(groupId, liveMigrationId);
      this.#unread.delete(key);
      if (state === undefined) continue;
      this.#states.set(key, { groupId, liveMigrationId, state });
      this.#dirty.delete(key);
    }
  }

  /** Forgets what is not watched any more, once the store knows it. */
  #forget(): void {
    for (const key of this.#states.keys())
      if (!this.#watched.has(key) && !this.#dirty.has(key)) this.#states.delete(key);
    for (const key of this.#unread.keys())
      if (!this.#watched.has(key) && !this.#states.has(key)) this.#unread.delete(key);
  }

  #batch(): Batch {
    const states = [...this.#dirty]
      .map((key) => this.#states.get(key))
      .filter((state) => state !== undefined);
    const { unstored: events, marks: written } = this.#outbox;
    return { states, samples: this.#samples, events, written };
  }

  /** A mistake of this program is no trouble of the store: waiting would not help. */
  #fail(error: unknown): void {
    const fault = stateFaultOf(error);
    if (fault === undefined) throw error;
    if (this.#unavailableSince !== undefined) return;
    const now = this.#now();
    this.#unavailableSince = now;
    this.#note(buildEvent('watcher.state_unavailable', { ...fault, path: this.#store.path }, now));
  }

  #recover(since: number): void {
    const now = this.#now();
    const droppedEvents = this.#outbox.takeDroppedEvents();
    const fields = {
      downSeconds: Math.max(0, Math.round((now - since) / 1000)),
      ...(droppedEvents > 0 && { droppedEvents }),
      ...(this.#droppedSamples > 0 && { droppedSamples: this.#droppedSamples }),
    };
    this.#unavailableSince = undefined;
    this.#droppedSamples = 0;
    this.#forget();
    this.#note(buildEvent('watcher.state_recovered', fields, now));
  }

  #note(record: EventRecord): void {
    this.#outbox.say(record);
    this.#onEvents([record], false);
  }
}
