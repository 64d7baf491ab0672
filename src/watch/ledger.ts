import type { Emit } from '../events/emitter.ts';
import { buildEvent, type EventRecord } from '../events/event-record.ts';
import type { MigrationState } from '../state/migration-state.ts';
import { stateFaultOf } from '../state/state-fault.ts';
import type { Change, LagSample, Store } from '../state/store.ts';
import { Memory } from './memory.ts';
import type { Target } from './migration/target.ts';
import { Outbox, type OutboxLimits, outboxLimits } from './outbox.ts';

const samplesKeptMs = 30 * 24 * 3_600_000;
/** Samples deleted in one go, at most: while they are, nothing else goes on. */
const prunedAtOnce = 500;
/** Each try at a store that fails may cost much, as with a disk that is full. */
const retryEveryMs = 1_000;
/**
 * How long what tells nothing waits for more of it. A crash loses the lag samples of that time, and that the migrations
 * were seen in it; whatever tells something is stored at once, with all that waits.
 */
const quietDelayMs = 1_000;

export interface LedgerOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /**
   * Runs the work after so many ms, with 0 at the end of the turn, so that what is recorded until then is stored in one
   * go; without it, each record is stored at once. What the work throws is a mistake of this program.
   */
  readonly defer?: (work: () => void, delayMs: number) => void;
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
 * together, then written, then marked as written. After a crash at any instant the outbox holds what
 * may not have been written, under the same event ids.
 *
 * While the store fails, memory stands in for it, and everything is written back when it works again; it is tried
 * with a record or a line, once a second. While the log takes nothing, events stay unwritten in the store.
 */
export class Ledger {
  readonly #store: Store;
  readonly #emit: Emit;
  readonly #now: () => number;
  readonly #defer: (work: () => void, delayMs: number) => void;
  readonly #onEvents: (records: readonly EventRecord[], stored: boolean) => void;
  readonly #memory: Memory;
  readonly #outbox: Outbox;
  readonly #waitingLimit: number;
  /** Events recorded since the latest try to store them. */
  #found: EventRecord[] = [];
  /** Whether something was recorded since then. */
  #gathering = false;
  /** The delays after which it will be stored. */
  readonly #deferred = new Set<number>();
  /** When the store began to fail, in ms since 1970. */
  #unavailableSince: number | undefined;
  /** When it was last tried to store something, in ms since 1970. */
  #triedAt = 0;

  constructor(store: Store, emit: Emit, targets: readonly Target[], options: LedgerOptions = {}) {
    const { now = Date.now, defer = (work) => work(), onEvents = () => {} } = options;
    const { limits = { ...outboxLimits, samples: 10_000 } } = options;
    this.#store = store;
    this.#emit = emit;
    this.#now = now;
    this.#defer = defer;
    this.#onEvents = onEvents;
    this.#waitingLimit = limits.waiting;
    this.#outbox = new Outbox(limits);
    this.#memory = new Memory(limits.samples);
    this.remember(targets);
  }

  /** Looks up what the store holds of these migrations, where nothing newer is known, and forgets all others. */
  remember(targets: readonly Target[]): void {
    if (this.#gathering || this.#unavailableSince !== undefined) this.writeBack();
    this.#memory.expect(targets);
    try {
      this.#memory.read(this.#store);
    } catch (error) {
      this.#fail(error);
    }
    this.#memory.forget();
  }

  /**
   * Returns what is remembered of a migration, and looks it up first where that was not possible so far. A store
   * in trouble is no reason to stop: the migration is then watched as one never seen, as late news are worse than
   * news told twice.
   */
  recall(target: Target): MigrationState | undefined {
    if (this.#memory.isUnread(target)) this.#settle();
    return this.state(target);
  }

  state(target: Target): MigrationState | undefined {
    return this.#memory.state(target);
  }

  /** Grows whenever states turn out to be others than they were taken for, as the store could not be asked before. */
  get lookedUp(): number {
    return this.#memory.lookedUp;
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

  /** Returns the latest lag samples of a migration taken since this moment (ms since 1970), oldest first. */
  latestSamples({ groupId, liveMigrationId }: Target, since: number, limit: number): readonly LagSample[] {
    try {
      return this.#store.latestSamples(groupId, liveMigrationId, since, limit);
    } catch (error) {
      this.#fail(error);
      return [];
    }
  }

  /** Whether every event has been written to the log. */
  get delivered(): boolean {
    return this.#outbox.isEmpty;
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

  /** Takes up what a poll changed. It is known at once; it is stored, and then written, when `defer` says so. */
  record(change: Change): void {
    this.#memory.learn(change);
    this.#outbox.add(change.events);
    this.#found.push(...change.events);
    this.#gathering = true;
    this.#storeAfter(change.events.length > 0 ? 0 : quietDelayMs);
  }

  /** Writes an event that is not stored, behind those that wait; returns whether nothing waits any more. */
  say(record: EventRecord): boolean {
    if (this.#gathering || this.#unavailableSince !== undefined) this.#settle();
    this.#note(record);
    this.deliver();
    return this.delivered;
  }

  /** Writes all that waits, as long as the log takes it; what was written is marked after that. */
  deliver(): void {
    if (this.#gathering) this.#settle();
    this.#write();
    // Failed polls are many in an outage; that one is told twice around a crash does no harm.
    if (this.#hasMarks) this.#storeAfter(this.#outbox.marksNews ? 0 : quietDelayMs);
  }

  /** Brings the store up to date with memory, if it can be; returns whether it is. */
  writeBack(): boolean {
    return this.#settle(true);
  }

  /** Forgets some of the lag samples that nobody will look at any more. `now` in ms since 1970. */
  prune(now: number): void {
    if (this.#unavailableSince !== undefined && !this.#settle()) return;
    try {
      this.#store.pruneSamples(now - samplesKeptMs, prunedAtOnce);
    } catch (error) {
      this.#fail(error);
    }
    this.deliver();
  }

  get #hasMarks(): boolean {
    return this.#outbox.marks.length > 0 && this.#unavailableSince === undefined;
  }

  /** Stores, and writes, what is recorded until then. */
  #storeAfter(delayMs: number): void {
    if (this.#deferred.has(delayMs)) return;
    this.#deferred.add(delayMs);
    this.#defer(() => {
      this.#deferred.delete(delayMs);
      // A failure to mark is to be told as well.
      const mayMark = this.#hasMarks && (delayMs > 0 || this.#outbox.marksNews);
      if (mayMark && !this.writeBack()) this.#write();
      if (this.#gathering) this.deliver();
    }, delayMs);
  }

  /** Writes back, unless the store failed a moment ago and nobody insists; returns whether it is up to date. */
  #settle(insist = false): boolean {
    const found = this.#found;
    this.#found = [];
    this.#gathering = false;
    const stored = (insist || this.#isWorthATry()) && this.#commit();
    if (found.length > 0) this.#onEvents(found, stored);
    return stored;
  }

  #isWorthATry(): boolean {
    return this.#unavailableSince === undefined || Math.abs(this.#now() - this.#triedAt) >= retryEveryMs;
  }

  #commit(): boolean {
    this.#triedAt = this.#now();
    try {
      const carried = this.#store.refresh();
      if (carried !== undefined) {
        this.#outbox.moved(carried);
        this.#memory.moved();
      }
      this.#memory.read(this.#store);
      const { unstored: events, marks: written } = this.#outbox;
      this.#outbox.stored(this.#store.commit({ ...this.#memory.unstored(), events, written }));
      this.#memory.stored();
    } catch (error) {
      this.#fail(error);
      return false;
    }
    if (this.#unavailableSince !== undefined) this.#recover(this.#unavailableSince);
    return true;
  }

  /**
   * What waits in the store is fetched when its turn comes. Where it cannot be, what is in memory goes before it: late
   * news are worse than news out of their order.
   */
  #write(): void {
    let readable = true;
    for (;;) {
      if (readable && this.#outbox.missingAfter !== undefined) readable = this.#refill();
      const { next } = this.#outbox;
      if (next === undefined || !this.#emit(next.record)) return;
      this.#outbox.wrote(next);
    }
  }

  /** Fetches what waits in the store alone; returns whether it could be read. */
  #refill(): boolean {
    // As long as all that waits is fetched, marks come in portions, too.
    if (this.#outbox.marks.length > 0 && this.#unavailableSince === undefined) this.#settle();
    // Only now is it known after which id: the store may be another one.
    const after = this.#outbox.missingAfter;
    try {
      if (after !== undefined) this.#outbox.refill(this.#store.unwritten(this.#waitingLimit, after));
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
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
    const droppedSamples = this.#memory.takeDroppedSamples();
    const fields = {
      downSeconds: Math.max(0, Math.round((now - since) / 1000)),
      ...(droppedEvents > 0 && { droppedEvents }),
      ...(droppedSamples > 0 && { droppedSamples }),
    };
    this.#unavailableSince = undefined;
    this.#memory.forget();
    this.#note(buildEvent('watcher.state_recovered', fields, now));
  }

  #note(record: EventRecord): void {
    this.#outbox.say(record);
    this.#onEvents([record], false);
  }
}
