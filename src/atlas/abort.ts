import { setTimeout as delay } from 'node:timers/promises';

/** Waits for work that others wait for as well: throws `signal.reason` once it aborts, and leaves the work alone. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Waits `delayMs`; throws `signal.reason` as soon as the signal aborts. */
export async function abortableDelay(delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(delayMs, undefined, { signal });
  } catch {
    signal.throwIfAborted();
  }
}

/** A signal with an end: it aborts with another one, or by itself when the time is up. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Whether the time was up before anything else ended it. */
  readonly passed: boolean;
  /** Lets go of the timer and of the other signal; to be called in any case. */
  release(): void;
}

/**
 * Returns a signal that aborts with `outer`, or after `timeoutMs` with a TimeoutError. Nested calls of
 * AbortSignal.any with AbortSignal.timeout would do the same, but Node.js 24 keeps each of them for ever.
 */
export function startDeadline(outer: AbortSignal, timeoutMs: number): Deadline {
  const controller = new AbortController();
  let passed = false;
  const abort = (): void => controller.abort(outer.reason);
  const timer = setTimeout(() => {
    passed = !controller.signal.aborted;
    controller.abort(new DOMException('the time is up', 'TimeoutError'));
  }, timeoutMs);
  outer.addEventListener('abort', abort, { once: true });
  if (outer.aborted) abort();
  return {
    signal: controller.signal,
    get passed() {
      return passed;
    },
    release() {
      clearTimeout(timer);
      outer.removeEventListener('abort', abort);
    },
  };
}
