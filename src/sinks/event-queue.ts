import type { EventRecord } from '../events/event-record.ts';
import type { Line } from '../state/sink.ts';
import type { LogEntry } from '../state/store.ts';

/** Limits of what a queue holds in memory. */
export interface QueueLimits {
  /** Committed events; more of them wait in the log alone. */
  readonly events: number;
  /** Events that the store could not take yet; the oldest are dropped. */
  readonly uncommitted: number;
  /** Lines that are never stored; the oldest are dropped. */
  readonly passing: number;
}

export const queueLimits: QueueLimits = { events: 1_000, uncommitted: 10_000, passing: 100 };

interface Item {
  readonly record: EventRecord;
  readonly passing: boolean;
  /** Its position in the log, once it is committed. */
  position: number | undefined;
  delivered: boolean;
}

/**
 * The lines that one sink has not delivered yet, in order. All of them are in memory, until more committed events wait
 * than memory may hold: from then on committed events are not kept, and are read back from the log when those before
 * them are delivered. Lines that are not in the log wait behind them. When everything is read back, all lines are in
 * memory again.
 *
 * An uncommitted event gets its position when it is committed. If it was delivered before, it is not delivered again.
 */
export class EventQueue {
  readonly #limits: QueueLimits;
  #first: Item[] = [];
  /** Position of the first event that is to be read back; undefined while there is none. */
  #missing: number | undefined;
  /** Lines that wait behind the events to be read back. */
  #rest: Item[] = [];
  readonly #uncommitted = new Map<EventRecord, Item>();
  /** Positions of events that were delivered before those that are to be read back. */
  readonly #ahead = new Set<number>();
  #committedTo = 0;
  #droppedLines = 0;

  constructor(limits: QueueLimits = queueLimits) {
    this.#limits = limits;
  }

  /** Dropped lines that are never stored. */
  get droppedLines(): number {
    return this.#droppedLines;
  }

  /** Every event up to this position is delivered. */
  get cursor(): number {
    const waiting = this.#first.find(({ position }) => position !== undefined)?.position ?? this.#missing;
    return waiting === undefined ? this.#committedTo : waiting - 1;
  }

  get isEmpty(): boolean {
    return this.#first.length === 0 && this.#missing === undefined;
  }

  /** Records in memory that are not delivered, in order. */
  get waiting(): readonly EventRecord[] {
    return [...this.#first, ...this.#rest].map(({ record }) => record);
  }

  /** The record to be delivered next, of those in memory. */
  get next(): EventRecord | undefined {
    return this.#first[0]?.record;
  }

  /** The record to deliver next if the log cannot be read: a delay is worse than a changed order. */
  get nextAhead(): EventRecord | undefined {
    return this.next ?? this.#rest[0]?.record;
  }

  /** Position from which the log is to be read now; undefined while it is not. */
  get missing(): number | undefined {
    return this.#first.length === 0 ? this.#missing : undefined;
  }

  /** Begins after this position. */
  start(cursor: number): void {
    this.#committedTo = cursor;
    this.#missing = cursor + 1;
  }

  /** The log was lost: nothing can be read back, and positions of what is in memory mean nothing. */
  restart(position: number): void {
    this.#first = [...this.#first, ...this.#rest];
    for (const item of this.#first) item.position = undefined;
    this.#rest = [];
    this.#missing = undefined;
    this.#ahead.clear();
    this.#committedTo = position;
  }

  offer(lines: readonly Line[]): void {
    for (const line of lines) this.#add(line);
    // What is in the log now is read back in its place.
    if (this.#missing !== undefined) this.#rest = this.#rest.filter(({ position }) => position === undefined);
    else this.#trimCommitted();
    this.#trimUncommitted();
    this.#trimPassing();
  }

  /**
   * The record of {@link next} or {@link nextAhead} was delivered. Meanwhile it may have left memory: committed and to be
   * read back, or dropped. Then it is read back, and delivered once more.
   */
  markDelivered(record: EventRecord): void {
    const list = [this.#first, this.#rest].find(([item]) => item?.record === record);
    const item = list?.shift();
    if (item !== undefined) item.delivered = true;
  }

  /** Takes the events from the position of {@link missing} on, at most `limit`, as the log has them. */
  refill(from: number, entries: readonly LogEntry[], limit: number): void {
    if (from !== this.#missing) return;
    const last = entries.at(-1)?.position;
    for (const { record, position } of entries)
      if (!this.#ahead.has(position))
        this.#first.push({ record, position, passing: false, delivered: false });
    if (last !== undefined && (entries.length >= limit || last < this.#committedTo)) {
      this.#missing = last + 1;
      return;
    }
    this.#committedTo = Math.max(this.#committedTo, last ?? from - 1);
    this.#missing = undefined;
    this.#ahead.clear();
    this.#first.push(...this.#rest);
    this.#rest = [];
  }

  #add(line: Line): void {
    const { record, kind } = line;
    if (kind === 'committed') {
      this.#commit(record, line.position);
      return;
    }
    const item = { record, passing: kind === 'passing', position: undefined, delivered: false };
    if (kind === 'uncommitted') this.#uncommitted.set(record, item);
    (this.#missing === undefined ? this.#first : this.#rest).push(item);
  }

  #commit(record: EventRecord, position: number): void {
    const item = this.#uncommitted.get(record);
    const isReadBack = position <= this.#committedTo;
    this.#uncommitted.delete(record);
    this.#committedTo = Math.max(this.#committedTo, position);
    if (item === undefined) {
      if (this.#missing === undefined && !isReadBack)
        this.#first.push({ record, position, passing: false, delivered: false });
      return;
    }
    item.position = position;
    if (item.delivered && this.#missing !== undefined) this.#ahead.add(position);
  }

  #trimCommitted(): void {
    let committed = 0;
    const end = this.#first.findIndex(({ position }) => {
      if (position !== undefined) committed += 1;
      return committed > this.#limits.events;
    });
    if (end === -1) return;
    const excess = this.#first.splice(end);
    this.#missing = excess[0]?.position;
    this.#rest = excess.filter(({ position }) => position === undefined);
  }

  #trimUncommitted(): void {
    for (const [record, item] of this.#uncommitted) {
      if (this.#uncommitted.size <= this.#limits.uncommitted) return;
      this.#uncommitted.delete(record);
      if (!item.delivered) this.#remove(item);
    }
  }

  #trimPassing(): void {
    const passing = [...this.#first, ...this.#rest].filter((item) => item.passing);
    const excess = passing.slice(0, Math.max(0, passing.length - this.#limits.passing));
    for (const item of excess) this.#remove(item);
    this.#droppedLines += excess.length;
  }

  #remove(item: Item): void {
    this.#first = this.#first.filter((other) => other !== item);
    this.#rest = this.#rest.filter((other) => other !== item);
  }
}
