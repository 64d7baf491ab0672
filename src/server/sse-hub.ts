import type { ServerResponse } from 'node:http';
import { keyOf } from '../atlas/migration-resource.ts';
import { isReachable } from '../watch/standing.ts';
import type { ServerContext } from './context.ts';
import { SseClient, type StreamedEvent } from './sse-client.ts';
import { Turns } from './turns.ts';

/** A reader beyond these asks for the list instead. An evicted one would connect again, and evict another. */
const maxStreams = 32;
const keepAliveEveryMs = 5_000;

/** All clients of the event stream. What is to be sent is gathered until the end of the turn, so that polls do not wait for it. */
export class SseHub {
  readonly #clients = new Set<SseClient>();
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

  /** Whether there is no room for another client. */
  get full(): boolean {
    return this.#clients.size >= maxStreams;
  }

  /** Adds a client, whose headers have been sent, until it disconnects. `after` is the id of the last event it has. */
  add(response: ServerResponse, context: ServerContext, after: string | undefined): void {
    const client = new SseClient(response, context, this.#turns);
    this.#clients.add(client);
    this.#keepAlive ??= this.#startKeepAlive(context);
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

  /** Ends every stream. Clients connect again by themselves, and get the recorded events that they lack. */
  restart(): void {
    this.#flush();
    for (const client of this.#clients) client.end();
  }

  end(): void {
    this.#ended = true;
    this.restart();
    this.#stopKeepAlive();
  }

  #startKeepAlive(context: ServerContext): NodeJS.Timeout {
    let before = context.now();
    return setInterval(() => {
      for (const client of this.#clients) client.keepAlive();
      const now = context.now();
      try {
        for (const key of turnedBetween(before, now, context)) this.markChanged(key);
      } catch {
        // A defect of the program ends the streams, and nothing else.
        for (const client of this.#clients) client.end();
      }
      before = now;
    }, keepAliveEveryMs);
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

/** Returns the migrations that have become unreachable by the clock alone, without a poll. */
function turnedBetween(before: number, now: number, { watch }: ServerContext): readonly string[] {
  const { policyOf } = watch.settings();
  return watch
    .snapshots()
    .filter((one) => {
      const policy = policyOf(one.target);
      return isReachable(one, before, policy) !== isReachable(one, now, policy);
    })
    .map(({ target }) => keyOf(target));
}
