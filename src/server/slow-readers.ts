import type { ServerResponse } from 'node:http';

/** Answers that have been given and not been read to their end: they lie in memory until then. */
export class SlowReaders {
  readonly #limits: { readonly bytes: number; readonly ms: number };
  /** Longest unread first. */
  readonly #answers = new Set<ServerResponse>();

  /** Keeps at most so many bytes, however many answers they are of, and one answer at most so long. */
  constructor(limits: { readonly bytes: number; readonly ms: number }) {
    this.#limits = limits;
  }

  /** Takes in an answer that has just been given. Those that have been unread for longest make room for it. */
  add(response: ServerResponse): void {
    if (response.closed) return;
    const givenUp = setTimeout(() => response.destroy(), this.#limits.ms);
    response.once('close', () => {
      clearTimeout(givenUp);
      this.#answers.delete(response);
    });
    this.#answers.add(response);
    for (const oldest of this.#answers) {
      if (oldest === response || this.#bytes <= this.#limits.bytes) return;
      this.#answers.delete(oldest);
      oldest.destroy();
    }
  }

  get #bytes(): number {
    return this.#answers.values().reduce((sum, { writableLength }) => sum + writableLength, 0);
  }
}
