import type { ServerResponse } from 'node:http';
import type { ServerContext } from './context.ts';
import { SseClient, type StreamedEvent } from './sse-client.ts';
import { Turns } from './turns.ts';

const maxStreams = 32;
const keepAliveEveryMs = 5_000;

/** All clients of the event stream. What is to be sent is gathered until the end of the turn, so that polls do not wait for it. */
export class SseHub {
  /** With the address of each, the oldest first. */
  readonly #clients = new Map<SseClient, string>();
  readonly #turns = new Turns();
  #keepAlive: NodeJS.Timeout | undefined;
  #events: StreamedEvent[] = [];
  readonly #changed = new Set<string>();
  #allChanged = false;
  #flushing: NodeJS.Immediate | undefined;
  #ended = false;

  /** Whether the server is closing. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Adds a client, whose headers have been sent, until it disconnects. `after` is the id of the last event it has.
   * Where there is no room, the oldest client of the address that has the most makes room: a browser connects again.
   */
  add(response: ServerResponse, context: ServerContext, after: string | undefined): void {
    if (this.#clients.size >= maxStreams) this.#makeRoom();
    const client = new SseClient(response, context, this.#turns);
    this.#clients.set(client, response.socket?.remoteAddress ?? '');
    this.#keepAlive ??= setInterval(() => {
      for (const each of this.#clients.keys()) each.keepAlive();
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
    for (const client of this.#clients.keys()) client.end();
    this.#stopKeepAlive();
  }

  #makeRoom(): void {
    const byAddress = Map.groupBy(this.#clients.keys(), (client) => this.#clients.get(client));
    const most = Math.max(...Array.from(byAddress.values(), ({ length }) => length));
    const oldest = byAddress.values().find(({ length }) => length === most)?.[0];
    if (oldest === undefined) return;
    this.#clients.delete(oldest);
    oldest.drop();
  }

  #flushSoon(): void {
    this.#flushing ??= setImmediate(() => this.#flush());
  }

  #flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    const events = this.#events;
    this.#events = [];
    for (const client of this.#clients.keys()) {
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
