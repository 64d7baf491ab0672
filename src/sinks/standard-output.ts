import type { EventRecord } from '../events/event-record.ts';
import type { Line, Sink } from '../state/sink.ts';
import { StateError, type Store } from '../state/store.ts';
import { EventQueue, type QueueLimits, queueLimits } from './event-queue.ts';

export interface StandardOutputOptions {
  /** Where events that are not in memory are read. */
  readonly log: Pick<Store, 'eventsFrom'>;
  /** Writes one line; returns false when the reader takes nothing now. The same record is then written again later. */
  readonly write: (record: EventRecord) => boolean;
  readonly limits?: QueueLimits;
}

/** Standard output as a sink: it writes events and lines in order, and waits while its reader does not read. */
export class StandardOutputSink implements Sink {
  readonly name = 'stdout';
  readonly begins = 'with the first event';
  readonly #log: Pick<Store, 'eventsFrom'>;
  readonly #write: (record: EventRecord) => boolean;
  readonly #queue: EventQueue;
  readonly #limit: number;
  #reading = false;

  constructor({ log, write, limits = queueLimits }: StandardOutputOptions) {
    this.#log = log;
    this.#write = write;
    this.#queue = new EventQueue(limits);
    this.#limit = limits.events;
  }

  get cursor(): number {
    return this.#queue.cursor;
  }

  get delivered(): boolean {
    return this.#queue.isEmpty;
  }

  /** How many lines that are never stored, like heartbeats, were not read in time. */
  get droppedLines(): number {
    return this.#queue.droppedLines;
  }

  start({ position }: { readonly position: number }): void {
    this.#queue.start(position);
  }

  restart(position: number): void {
    this.#queue.restart(position);
  }

  offer(lines: readonly Line[]): void {
    this.#queue.offer(lines);
  }

  async deliver(): Promise<boolean> {
    if (this.#reading) return true;
    for (;;) {
      if (!this.#writeAll(() => this.#queue.next)) return true;
      const { missing } = this.#queue;
      if (missing === undefined) return true;
      if (!(await this.#readBack(missing))) {
        this.#writeAll(() => this.#queue.nextAhead);
        return false;
      }
    }
  }

  /** Returns whether everything was written. */
  #writeAll(next: () => EventRecord | undefined): boolean {
    for (let record = next(); record !== undefined; record = next()) {
      if (!this.#write(record)) return false;
      this.#queue.markDelivered(record);
    }
    return true;
  }

  /** Resolves to whether the log could be read. */
  async #readBack(position: number): Promise<boolean> {
    this.#reading = true;
    try {
      this.#queue.refill(position, await this.#log.eventsFrom(position, this.#limit), this.#limit);
      return true;
    } catch (error) {
      if (error instanceof StateError) return false;
      throw error;
    } finally {
      this.#reading = false;
    }
  }
}
