import type { ServerResponse } from 'node:http';
import { keyOf } from '../atlas/migration-resource.ts';
import type { EventRecord } from '../events/event-record.ts';
import type { ServerContext } from './context.ts';
import { viewOf } from './migrations-api.ts';
import { shownEvent } from './shown-event.ts';
import type { Turns } from './turns.ts';
import { watcherView } from './watcher-view.ts';

/** An event on its way to every stream. */
export interface StreamedEvent {
  readonly record: EventRecord;
  /** Whether it is recorded, so that a client can resume after it. */
  readonly resumable: boolean;
}

const pageSize = 100;
/** A client with more unread bytes is disconnected. It connects again and resumes. */
const maxUnreadBytes = 256 * 1024;
const retryMs = 3_000;

/**
 * One client of the event stream (HTML Standard, "Server-sent events"). It first catches up: recorded events are read
 * from the store page by page. Then it is live: events are sent as they are found, and views of migrations when they
 * change. While it catches up, a new recorded event makes it read another page; an event that is not recorded is left
 * out; migrations that change are marked. So a list that is requested once the stream has opened, and then all that the
 * stream sends, miss nothing.
 */
export class SseClient {
  readonly #response: ServerResponse;
  readonly #context: ServerContext;
  /** Of all clients: each page of a catching up is one turn. */
  readonly #turns: Turns;
  /** Migrations whose current view is still to be sent. A slow client gets fewer views, not older ones. */
  readonly #changed = new Set<string>();
  /** Ids on the last page of the catching up: their events may still be on their way here. */
  #lastPage: ReadonlySet<unknown> = new Set();
  #live = false;
  /** Whether a recorded event was found since the latest page was requested. */
  #hasNews = false;

  constructor(response: ServerResponse, context: ServerContext, turns: Turns) {
    this.#response = response;
    this.#context = context;
    this.#turns = turns;
    response.on('drain', () => this.flush());
  }

  /** Sends the recorded events after the one with this id, if one is given, and from then on what is new. */
  async begin(after: string | undefined): Promise<void> {
    try {
      this.#response.write(`retry: ${retryMs}\n\n`);
      if (after !== undefined) await this.#catchUp(after);
      this.#live = true;
      this.keepAlive();
      this.flush();
    } catch {
      // The state file may be unreadable for now. The client connects again by itself.
      this.#response.destroy();
    }
  }

  /** Sends an event that was just found. */
  send({ record, resumable }: StreamedEvent): void {
    if (resumable) this.#hasNews = true;
    if (!this.#live || (resumable && this.#lastPage.has(record.eventId))) return;
    if (this.#response.writableLength > maxUnreadBytes) this.#response.destroy();
    else this.#guarded(() => this.#writeEvent(record, resumable));
  }

  /** Marks the view of a migration as changed. */
  mark(key: string): void {
    this.#changed.add(key);
  }

  markAll(): void {
    this.#guarded(() => {
      for (const { target } of this.#context.watch.snapshots()) this.mark(keyOf(target));
    });
  }

  /** Sends the views that are marked, as long as the client reads. */
  flush(): void {
    this.#guarded(() => this.#writeViews());
  }

  /** Sends the state of the watcher, so that neither proxies nor the client take the stream for dead. */
  keepAlive(): void {
    this.#guarded(() => {
      if (!this.#response.writableNeedDrain) this.#write('watcher', watcherView(this.#context));
    });
  }

  end(): void {
    this.#response.end();
  }

  async #catchUp(after: string): Promise<void> {
    for (let last: string | undefined = after; last !== undefined; ) {
      const from: string = last;
      last = await this.#turns.take(() => this.#sendPage(from));
      if (last !== undefined) await this.#drained();
    }
  }

  /** Sends the recorded events after this one; resolves to the last of them, undefined when there are no more. */
  async #sendPage(after: string): Promise<string | undefined> {
    if (this.#response.destroyed) return undefined;
    this.#hasNews = false;
    const page = await this.#context.store.eventsAfter(after, pageSize);
    if (this.#response.destroyed) return undefined;
    if (page === undefined) {
      this.#write('reset', { error: 'No event with this id is recorded. Load everything again.' });
      return undefined;
    }
    for (const record of page) this.#writeEvent(record, true);
    if (page.length > 0) this.#lastPage = new Set(page.map(({ eventId }) => eventId));
    if (page.length < pageSize && !this.#hasNews) return undefined;
    const newest = page.at(-1)?.eventId;
    return typeof newest === 'string' ? newest : after;
  }

  #drained(): Promise<void> {
    if (!this.#response.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      const response = this.#response;
      const end = (): void => {
        response.off('drain', end).off('close', end);
        resolve();
      };
      response.on('drain', end).on('close', end);
    });
  }

  #writeEvent(record: EventRecord, resumable: boolean): void {
    const id = resumable ? `id: ${String(record.eventId)}\n` : '';
    this.#response.write(`${id}data: ${JSON.stringify(shownEvent(record, this.#context))}\n\n`);
  }

  #writeViews(): void {
    if (!this.#live) return;
    const snapshots = new Map(this.#context.watch.snapshots().map((one) => [keyOf(one.target), one]));
    for (const key of this.#changed) {
      if (this.#response.writableNeedDrain) return;
      this.#changed.delete(key);
      const one = snapshots.get(key);
      if (one !== undefined) this.#write('migration', viewOf(one, this.#context));
    }
  }

  #write(type: 'migration' | 'reset' | 'watcher', data: unknown): void {
    this.#response.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** A defect here ends one stream. It never reaches the polls that caused the message. */
  #guarded(write: () => void): void {
    try {
      write();
    } catch {
      this.#response.destroy();
    }
  }
}
