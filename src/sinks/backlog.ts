import { setImmediate } from 'node:timers/promises';
import type { EventRecord } from '../events/event-record.ts';
import type { Line } from '../state/sink.ts';
import { StateError, type Store } from '../state/store.ts';

/** Events that are read of the log at once. */
const batch = 500;

/** Counts the events that one receiver wants and has not got, also those that are in the log alone. */
export class Backlog {
  readonly #isWanted: (record: EventRecord) => boolean;
  /** Events that were counted before the store had them. */
  readonly #early = new WeakSet<EventRecord>();
  #count = 0;
  #isCounting = false;

  constructor(isWanted: (record: EventRecord) => boolean) {
    this.#isWanted = isWanted;
  }

  get count(): number {
    return this.#count;
  }

  /** Takes new lines. What is committed while the log is being counted is found there. */
  offer(lines: readonly Line[]): void {
    for (const { kind, record } of lines) {
      if (kind === 'passing' || !this.#isWanted(record)) continue;
      const isNews = kind === 'uncommitted' || !(this.#isCounting || this.#early.has(record));
      if (kind === 'uncommitted') this.#early.add(record);
      if (isNews) this.#count += 1;
    }
  }

  /** An event needs no delivery any more. */
  done(record: EventRecord): void {
    if (this.#isWanted(record)) this.#count = Math.max(0, this.#count - 1);
  }

  /** Nothing waits. */
  clear(): void {
    this.#count = 0;
  }

  /** Counts what the log has behind a cursor, in turns with everything else. Where it cannot be read, it counts what it could. */
  async countFrom(log: Pick<Store, 'eventsFrom'>, cursor: number): Promise<void> {
    this.#count = 0;
    this.#isCounting = true;
    try {
      for (let from = cursor + 1; ; ) {
        const entries = await log.eventsFrom(from, batch);
        this.#count += entries.filter(({ record }) => this.#isWanted(record)).length;
        if (entries.length < batch) return;
        from = (entries.at(-1)?.position ?? from) + 1;
        await setImmediate();
      }
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
    } finally {
      this.#isCounting = false;
    }
  }
}
