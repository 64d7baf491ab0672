import { catalogue } from '../events/catalogue.ts';
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
  /** Whether the store is to have it: for the history, only until it is written, or not at all. */
  readonly stay: 'for good' | 'until written' | 'none';
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
  readonly #unstored = new Set<Item>();
  #marks: number[] = [];
  #marksNews = false;
  #moreInStore = false;
  /** Id of the latest event that was written out of the store; ids grow with the order of events. */
  #writtenTo = 0;
  #droppedEvents = 0;
  #droppedLines = 0;

  constructor(limits: OutboxLimits = outboxLimits) {
    this.#limits = limits;
  }

  /**
   * What of all that is in memory is to be written next. While more waits in the store, that comes after what is
   * stored of it, and before everything else.
   */
  get next(): Item | undefined {
    return (this.#moreInStore ? this.#waiting.find(isStored) : undefined) ?? this.#waiting[0];
  }

  /** Whether what is to be written next must be fetched from the store; else undefined. Says after which id. */
  get missingAfter(): number | undefined {
    return this.#moreInStore && !this.#waiting.some(isStored) ? this.#writtenTo : undefined;
  }

  /** Whether nothing is to be written any more. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0 && !this.#moreInStore;
  }

  /** What the store has not taken yet, oldest first. */
  get unstored(): readonly Pick<Item, 'record' | 'written'>[] {
    return [...this.#unstored];
  }

  /** Ids of what was written after it had been stored, which the store does not know yet. */
  get marks(): readonly number[] {
    return this.#marks;
  }

  /** Whether one of these is for the history: after a crash before it is marked, people would be told it again. */
  get marksNews(): boolean {
    return this.#marksNews;
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
    for (const record of records) {
      const item = itemOf(record);
      this.#waiting.push(item);
      this.#unstored.add(item);
    }
    while (this.#unstored.size > this.#limits.unstored) this.#dropOldest();
  }

  /** Adds a line that goes to the log alone. */
  say(record: EventRecord): void {
    this.#waiting.push({ record, stay: 'none', written: false });
    const passing = this.#waiting.filter(({ stay }) => stay === 'none');
    if (passing.length <= this.#limits.passing) return;
    this.#forget(passing[0]);
    this.#droppedLines += 1;
  }

  wrote(item: Item): void {
    item.written = true;
    this.#forget(item);
    if (item.id === undefined) {
      if (item.stay === 'until written') this.#unstored.delete(item);
      return;
    }
    this.#marks.push(item.id);
    this.#marksNews ||= item.stay === 'for good';
    this.#writtenTo = item.id;
  }

  /** The store has taken everything that it had not, in this order, and the marks. */
  stored(ids: readonly number[]): void {
    const fresh = new Set(this.#unstored);
    for (const [index, item] of [...fresh].entries()) {
      const id = ids[index];
      if (id !== undefined) item.id = id;
    }
    this.#unstored.clear();
    this.#marks = [];
    this.#marksNews = false;
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
    const items = entries.map(({ id, record }) => ({ ...itemOf(record), id }));
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
      .map(({ record }) => itemOf(record));
    const here = this.#waiting.filter(isStored);
    for (const item of here) delete item.id;
    const later = this.#waiting.filter((item) => !here.includes(item));
    const unstored = [...here, ...again, ...this.#unstored];
    this.#waiting = [...here, ...again, ...later];
    this.#unstored.clear();
    for (const item of unstored) this.#unstored.add(item);
    this.#marks = [];
    this.#marksNews = false;
    this.#writtenTo = 0;
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
    const items = [...this.#unstored];
    const item =
      items.find(({ written }) => written) ?? items.find(({ stay }) => stay === 'until written') ?? items[0];
    if (item === undefined) return;
    this.#unstored.delete(item);
    if (!item.written) this.#forget(item);
    this.#droppedEvents += 1;
  }

  #forget(item: Item | undefined): void {
    const index = item === undefined ? -1 : this.#waiting.indexOf(item);
    if (index >= 0) this.#waiting.splice(index, 1);
  }
}

function itemOf(record: EventRecord): Item {
  return {
    record,
    stay: catalogue[record.event].kept === false ? 'until written' : 'for good',
    written: false,
  };
}

function isStored({ id }: Item): boolean {
  return id !== undefined;
}
