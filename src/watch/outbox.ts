import type { EventRecord } from '../events/event-record.ts';
import type { OutboxEntry } from '../state/store.ts';

/** How much is held in memory, at most. */
export interface OutboxLimits {
  /** Events that the store has not taken yet. */
  readonly unstored: number;
  /** Events that wait to be written to the log, beyond which those that are stored wait in the store alone. */
  readonly waiting: number;
  /** Lines that are never stored and wait to be written. */
  readonly passing: number;
}

export const outboxLimits: OutboxLimits = { unstored: 10_000, waiting: 1_000, passing: 100 };

interface Item {
  readonly record: EventRecord;
  /** False for what goes to the log alone. */
  readonly storable: boolean;
  /** Its id in the store, once it is there. */
  id?: number;
  written: boolean;
}

/**
 * The events between being found and being both stored and written to the log, in their order. Either side may
 * lag behind the other; neither makes this grow without bound.
 */
export class Outbox {
  readonly #limits: OutboxLimits;
  #waiting: Item[] = [];
  #unstored: Item[] = [];
  #marks: number[] = [];
  #moreInStore = false;
  #droppedEvents = 0;
  #droppedLines = 0;

  constructor(limits: OutboxLimits = outboxLimits) {
    this.#limits = limits;
  }

  /** What is to be written next; undefined when nothing is, or when it must be fetched from the store first. */
  get next(): Item | undefined {
    return this.#moreInStore ? this.#waiting.find(({ storable }) => storable) : this.#waiting[0];
  }

  /** The oldest in memory that waits to be written, whatever waits in the store. */
  get first(): Item | undefined {
    return this.#waiting[0];
  }

  /** Whether the store may hold unwritten events that are not in memory. */
  get moreInStore(): boolean {
    return this.#moreInStore;
  }

  /** What the store has not taken yet, oldest first. */
  get unstored(): readonly Pick<Item, 'record' | 'written'>[] {
    return this.#unstored;
  }

  /** Ids of what was written after it had been stored, which the store does not know yet. */
  get marks(): readonly number[] {
    return this.#marks;
  }

  /** Lines that nobody could read in time. */
  get droppedLines(): number {
    return this.#droppedLines;
  }

  /** An earlier run may have left events in the store. */
  expectLeftovers(): void {
    this.#moreInStore = true;
  }

  /** Adds events that are to be stored and written. */
  add(records: readonly EventRecord[]): void {
    const items = records.map((record) => ({ record, storable: true, written: false }));
    this.#waiting.push(...items);
    this.#unstored.push(...items);
    while (this.#unstored.length > this.#limits.unstored) this.#dropOldest();
  }

  /** Adds a line that goes to the log alone. */
  say(record: EventRecord): void {
    this.#waiting.push({ record, storable: false, written: false });
    const passing = this.#waiting.filter(({ storable }) => !storable);
    if (passing.length <= this.#limits.passing) return;
    this.#forget(passing[0]);
    this.#droppedLines += 1;
  }

  wrote(item: Item): void {
    item.written = true;
    this.#forget(item);
    if (item.id !== undefined) this.#marks.push(item.id);
  }

  /** The store has taken everything that it had not, in this order, and the marks. */
  stored(ids: readonly number[]): void {
    for (const [index, item] of this.#unstored.entries()) {
      const id = ids[index];
      if (id !== undefined) item.id = id;
    }
    const fresh = new Set(this.#unstored);
    this.#unstored = [];
    this.#marks = [];
    const { waiting } = this.#limits;
    // What comes after events that wait in the store alone must wait there as well, for the order.
    const kept = this.#waiting.filter(
      (item, index) => !fresh.has(item) || (!this.#moreInStore && index < waiting),
    );
    if (kept.length < this.#waiting.length) this.#moreInStore = true;
    this.#waiting = kept;
  }

  /**
   * Takes over what the store holds unwritten; there is more of it when the limit was reached. Lines that are
   * never stored were said after it.
   */
  refill(entries: readonly OutboxEntry[]): void {
    this.#moreInStore = entries.length >= this.#limits.waiting;
    const items = entries.map(({ id, record }) => ({ id, record, storable: true, written: false }));
    this.#waiting = [...items, ...this.#waiting];
  }

  /**
   * Another store has taken the place of the one that held these events unwritten: what was stored and not
   * written must be stored again.
   */
  moved(carried: readonly OutboxEntry[]): void {
    const written = new Set(this.#marks);
    const known = new Set(this.#waiting.map(({ id }) => id));
    const again = carried
      .filter(({ id }) => !written.has(id) && !known.has(id))
      .map(({ record }) => ({ record, storable: true, written: false }));
    const here = this.#waiting.filter(({ id }) => id !== undefined);
    for (const item of here) delete item.id;
    this.#waiting.push(...again);
    this.#unstored = [...here, ...again, ...this.#unstored];
    this.#marks = [];
    this.#moreInStore = true;
  }

  /** Returns how many events were dropped before they could be stored, and begins to count anew. */
  takeDroppedEvents(): number {
    const dropped = this.#droppedEvents;
    this.#droppedEvents = 0;
    return dropped;
  }

  /** What people have read is only missing from the history; what they have not is lost only when all else is. */
  #dropOldest(): void {
    const index = Math.max(
      0,
      this.#unstored.findIndex(({ written }) => written),
    );
    const [item] = this.#unstored.splice(index, 1);
    if (item?.written === false) this.#forget(item);
    this.#droppedEvents += 1;
  }

  #forget(item: Item | undefined): void {
    const index = item === undefined ? -1 : this.#waiting.indexOf(item);
    if (index >= 0) this.#waiting.splice(index, 1);
  }
}
