import type { ServerResponse } from 'node:http';
import type { ServerContext } from './context.ts';
import { SseClient, type StreamedEvent } from './sse-client.ts';

const maxStreams = 32;
const keepAliveEveryMs = 5_000;

/** All readers of the stream. */
export class SseHub {
  readonly #streams = new Set<SseClient>();
  #keepAlive: NodeJS.Timeout | undefined;
  #news: StreamedEvent[] = [];
  readonly #changed = new Set<string>();
  #flushing: NodeJS.Immediate | undefined;
  #ended = false;

  /** Whether there is no room for one more. */
  get full(): boolean {
    return this.#ended || this.#streams.size >= maxStreams;
  }

  /** Takes in a reader whose headers have been sent, until it goes away. */
  add(response: ServerResponse, sources: ServerContext, after: string | undefined): void {
    const stream = new SseClient(response, sources);
    this.#streams.add(stream);
    this.#keepAlive ??= setInterval(() => {
      for (const each of this.#streams) each.keepAlive();
    }, keepAliveEveryMs);
    response.once('close', () => {
      this.#streams.delete(stream);
      if (this.#streams.size === 0) this.#rest();
    });
    void stream.begin(after);
  }

  /** Tells every reader of events, a little later: whoever found them does not wait for that. */
  tell(news: readonly StreamedEvent[]): void {
    if (this.#streams.size === 0) return;
    this.#news.push(...news);
    this.#flushSoon();
  }

  /** Tells every reader how a migration is now. */
  changed(key: string): void {
    if (this.#streams.size === 0) return;
    this.#changed.add(key);
    this.#flushSoon();
  }

  end(): void {
    this.#ended = true;
    this.#flush();
    for (const stream of this.#streams) stream.end();
    this.#rest();
  }

  #flushSoon(): void {
    this.#flushing ??= setImmediate(() => this.#flush());
  }

  #flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    const news = this.#news;
    this.#news = [];
    const reloaded = news.some(({ record }) => record.event === 'watcher.config_reloaded');
    for (const stream of this.#streams) {
      for (const each of news) stream.tell(each);
      if (reloaded) stream.markAll();
      for (const key of this.#changed) stream.mark(key);
      stream.flush();
    }
    this.#changed.clear();
  }

  #rest(): void {
    clearInterval(this.#keepAlive);
    this.#keepAlive = undefined;
  }
}
