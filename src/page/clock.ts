import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';

const tickMs = 1_000;

/** The watcher's clock, which ticks once a second. */
export class Clock {
  readonly #aheadMs: () => number;
  readonly #listeners = new Set<() => void>();

  /** `aheadMs` returns how far the watcher's clock is ahead of the browser's. */
  constructor(aheadMs: () => number) {
    this.#aheadMs = aheadMs;
  }

  /** Milliseconds since 1970. */
  get now(): number {
    return Date.now() + this.#aheadMs();
  }

  start(): void {
    setInterval(() => this.#tick(), tickMs);
    document.addEventListener('visibilitychange', () => this.#tick());
  }

  /** Returns a function that ends the subscription. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tick(): void {
    for (const listener of this.#listeners) listener();
  }
}

export const ClockContext = createContext(new Clock(() => 0));

/** Returns the time by the watcher's clock, in ms since 1970, and draws the component again with each tick. */
export function useNow(isTicking = true): number {
  const clock = useContext(ClockContext);
  const [, setTick] = useState(0);
  useEffect(
    () => (isTicking ? clock.subscribe(() => setTick((tick) => tick + 1)) : undefined),
    [clock, isTicking],
  );
  return clock.now;
}
