import type { ServerResponse } from 'node:http';
import type { EventRecord } from '../events/event-record.ts';
import { keyOf } from '../watch/migration/target.ts';
import type { ServerContext } from './context.ts';
import { viewOf } from './migrations-api.ts';
import { watcherView } from './watcher-view.ts';

/** An event that is being told to every stream. */
export interface StreamedEvent {
  readonly record: EventRecord;
  /** Whether a stream can go on after it later: it is recorded. */
  readonly resumable: boolean;
}

const pageSize = 100;
/** What a reader that does not read may leave lying; then it has to come again and go on where it was. */
const maxUnreadBytes = 256 * 1024;
const retryMs = 3_000;

/** One reader of server-sent events (HTML Standard, "Server-sent events"). */
export class SseClient {
  readonly #response: ServerResponse;
  readonly #sources: ServerContext;
  /** Migrations whose present view is still to be sent. A slow reader gets fewer views, not older ones. */
  readonly #stale = new Set<string>();
  #live = false;

  constructor(response: ServerResponse, sources: ServerContext) {
    this.#response = response;
    this.#sources = sources;
    response.on('drain', () => this.#guarded(() => this.#sendViews()));
  }

  /**
   * Sends the recorded events after the one with this id, if one is given, then all migrations as they are now, and
   * from then on what is new.
   */
  async begin(after: string | undefined): Promise<void> {
    try {
      this.#response.write(`retry: ${retryMs}\n\n`);
      if (after !== undefined) await this.#catchUp(after);
      this.#live = true;
      this.markAll();
      this.flush();
    } catch {
      // Such as a state file that cannot be read now. The reader comes again by itself.
      this.#response.destroy();
    }
  }

  /** Sends an event that has just been found. */
  tell({ record, resumable }: StreamedEvent): void {
    if (!this.#live) return;
    if (this.#response.writableLength > maxUnreadBytes) this.#response.destroy();
    else this.#guarded(() => this.#sendEvent(record, resumable));
  }

  /** Takes note that a migration is not as it was sent last. */
  mark(key: string): void {
    this.#stale.add(key);
  }

  markAll(): void {
    this.#guarded(() => {
      for (const { target } of this.#sources.watched()) this.mark(keyOf(target));
    });
  }

  /** Sends what has been marked, as far as the reader reads. */
  flush(): void {
    this.#guarded(() => this.#sendViews());
  }

  /** Says how the watcher is, so that nobody, in between or at the other end, takes the stream for dead. */
  keepAlive(): void {
    this.#guarded(() => {
      if (!this.#response.writableNeedDrain) this.#send('watcher', watcherView(this.#sources));
    });
  }

  end(): void {
    this.#response.end();
  }

  /** Between the last page and the first event that is told as it is found, nothing else runs. */
  async #catchUp(after: string): Promise<void> {
    const { store } = this.#sources;
    let page = store.eventsAfter(after, pageSize);
    if (page === undefined)
      this.#send('reset', { error: 'No event with this id is recorded; load everything anew.' });
    while (page !== undefined && page.length > 0) {
      for (const record of page) this.#sendEvent(record, true);
      const last = page.at(-1)?.eventId;
      if (page.length < pageSize || typeof last !== 'string') return;
      await this.#drained();
      if (this.#response.destroyed) return;
      page = store.eventsAfter(last, pageSize);
    }
  }

  #drained(): Promise<void> {
    if (!this.#response.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      this.#response.once('drain', resolve).once('close', resolve);
    });
  }

  #sendEvent(record: EventRecord, resumable: boolean): void {
    const id = resumable ? `id: ${String(record.eventId)}\n` : '';
    this.#response.write(`${id}data: ${JSON.stringify(this.#sources.publicRecord(record))}\n\n`);
  }

  #sendViews(): void {
    if (!this.#live) return;
    const watched = new Map(this.#sources.watched().map((one) => [keyOf(one.target), one]));
    for (const key of this.#stale) {
      if (this.#response.writableNeedDrain) return;
      this.#stale.delete(key);
      const one = watched.get(key);
      if (one !== undefined) this.#send('migration', viewOf(one, this.#sources));
    }
  }

  #send(type: 'migration' | 'reset' | 'watcher', data: unknown): void {
    this.#response.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** A mistake here costs one stream, and never the polls that it tells of. */
  #guarded(send: () => void): void {
    try {
      send();
    } catch {
      this.#response.destroy();
    }
  }
}
