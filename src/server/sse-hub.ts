import type { ServerResponse } from 'node:http';
import type { ServerContext } from './context.ts';
import { SseClient, type StreamedEvent } from './sse-client.ts';

const maxStreams = 32;
const keepAliveEveryMs = 5_000;

/** All clients of the event stream. What is to be sent is gathered until the end of the turn, so that polls do not wait for it. */
export class SseHub {
  readonly #clients = new Set<SseClient>();
  #keepAlive: NodeJS.Timeout | undefined;
  #events: StreamedEvent[] = [];
  readonly #changed = new Set<string>();
  #allChanged = false;
  #flushing: NodeJS.Immediate | undefined;
  #ended = false;

  /** Whether there is no room for one more client. */
  get full(): boolean {
    return this.#ended || this.#clients.size >= maxStreams;
  }

  /** Adds a client, whose headers have been sent, until it disconnects. `after` is the id of the last event it has. */
  add(response: ServerResponse, context: ServerContext, after: string | undefined): void {
    const client = new SseClient(response, context);
    this.#clients.add(client);
    this.#keepAlive ??= setInterval(() => {
      for (const each of this.#clients) each.keepAlive();
    }, keepAliveEveryMs);
    response.once('close', () => {
      this.#clients.delete(client);
      if (this.#clients.size === 0) this.#stopKeepAlive();
    });
    void client.begin(after);
  }

  /** Sends events to every client. */
  broadcast(events: readonly StreamedEvent[]): void {
    if (this.#clients.size === 0) return;
    this.#events.push(...events);
    this.#flushSoon();
  }

  /** Sends the current view of a migration to every client. */
  markChanged(key: string): void {
    if (this.#clients.size === 0) return;
    this.#changed.add(key);
    this.#flushSoon();
  }

  /** Sends the current views of all migrations to every client, as after a reload. */
  markAll(): void {
    if (this.#clients.size === 0) return;
    this.#allChanged = true;
    this.#flushSoon();
  }

  end(): void {
    this.#ended = true;
    this.#flush();
    for (const client of this.#clients) client.end();
    this.#stopKeepAlive();
  }

  #flushSoon(): void {
    this.#flushing ??= setImmediate(() => this.#flush());
  }

  #flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    const events = this.#events;
    this.#events = [];
    for (const client of this.#clients) {
      for (const event of events) client.send(event);
      if (this.#allChanged) client.markAll();
      for (const key of this.#changed) client.mark(key);
      client.flush();
    }
    this.#allChanged = false;
    this.#changed.clear();
  }

  #stopKeepAlive(): void {
    clearInterval(this.#keepAlive);
    this.#keepAlive = undefined;
  }
}
