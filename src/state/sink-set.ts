import type { Line, Sink } from './sink.ts';
import type { StateCache } from './state-cache.ts';
import type { Cursor } from './store.ts';

/**
 * The cursors of sinks that deliver by themselves, one event at a time, are stored at most once in this time, in ms. A
 * crash repeats what was delivered since: a commit for every message would cost more than many messages do.
 */
const gatherMs = 100;
/** Pause before a sink reads the log again after it could not, in ms. */
const retryDelayMs = 1_000;

export interface SinkSetOptions {
  readonly cache: Pick<StateCache, 'startCursor' | 'learnCursor' | 'removeCursor'>;
  /** Cursors in the store. */
  readonly cursors: readonly Cursor[];
  /** Called when a cursor is to be stored. */
  readonly onCursor: () => void;
  /** Runs the work after this delay in ms. */
  readonly defer: (work: () => void, delayMs: number) => void;
  readonly onFault: (error: unknown) => void;
}

/** The sinks of the recorder and their cursors. */
export class SinkSet {
  readonly #options: SinkSetOptions;
  readonly #sinks = new Set<Sink>();
  /** Cursors of sinks that are not in use. */
  readonly #left: Map<string, Cursor>;
  #closed = false;
  /** Whether cursors were stored less than `gatherMs` ago, and whether others wait since. */
  #gathering: 'no' | 'idle' | 'waiting' = 'no';

  constructor(options: SinkSetOptions) {
    this.#options = options;
    this.#left = new Map(options.cursors.map((cursor) => [cursor.sink, cursor]));
  }

  /** Cursors in the store of sinks that are not in use. */
  get leftCursors(): readonly Cursor[] {
    return [...this.#left.values()];
  }

  /** Whether no sink can deliver anything now. */
  get delivered(): boolean {
    return [...this.#sinks].every(({ delivered }) => delivered);
  }

  /**
   * Starts a sink at its stored cursor, or where it begins without one: `now` is behind the event at this position of the
   * log. Resolves to whether it is new.
   */
  async add(sink: Sink, lastPosition = 0): Promise<boolean> {
    const { name, begins } = sink;
    const stored = this.#left.get(name);
    const position = stored?.position ?? (begins === 'now' ? lastPosition : 0);
    this.#left.delete(name);
    // Where a sink that begins now has begun is stored at once.
    if (stored !== undefined || begins !== 'now')
      this.#options.cache.startCursor(stored ?? { sink: name, position });
    this.#sinks.add(sink);
    sink.start(stored ?? { position }, () => this.#learnCursor(sink));
    await this.#deliverTo(sink);
    return stored === undefined;
  }

  /** Hands a sink nothing more, and forgets its cursor. */
  remove(name: string): void {
    for (const sink of this.#sinks) if (sink.name === name) this.#sinks.delete(sink);
    this.#left.delete(name);
    this.#options.cache.removeCursor(name);
    this.#options.onCursor();
  }

  offer(lines: readonly Line[]): void {
    for (const sink of this.#sinks) sink.offer(lines);
  }

  deliver(): void {
    for (const sink of this.#sinks) void this.#deliverTo(sink);
  }

  /** The log was lost. The new one begins after this position. */
  restart(position: number): void {
    for (const sink of this.#sinks) {
      sink.restart(position);
      this.#options.cache.learnCursor({ sink: sink.name, position, delivery: sink.delivery });
    }
  }

  /** From now on the log is not read again where it could not be. */
  close(): void {
    this.#closed = true;
  }

  async #deliverTo(sink: Sink): Promise<void> {
    const { defer, onFault } = this.#options;
    try {
      const isRead = await sink.deliver();
      if (!isRead && !this.#closed) defer(() => void this.#deliverTo(sink), retryDelayMs);
    } catch (error) {
      onFault(error);
    }
    this.#learnCursor(sink);
  }

  #learnCursor(sink: Sink): void {
    if (!this.#sinks.has(sink)) return;
    const { name, cursor: position, delivery } = sink;
    const isNews = this.#options.cache.learnCursor({ sink: name, position, delivery });
    if (!isNews) return;
    // At once: a crash repeats the lines whose cursor is not stored.
    if (delivery === undefined) this.#options.onCursor();
    else if (this.#gathering === 'no') this.#storeGathered();
    else this.#gathering = 'waiting';
  }

  #storeGathered(): void {
    this.#gathering = 'idle';
    this.#options.onCursor();
    this.#options.defer(() => {
      if (this.#gathering === 'waiting') this.#storeGathered();
      else this.#gathering = 'no';
    }, gatherMs);
  }
}
