import { setTimeout as delay } from 'node:timers/promises';

/** Waits for shared work. Throws `signal.reason` when the signal aborts; the work itself goes on. */
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

/** A signal that aborts with another signal, or when its time is up. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Whether the signal aborted because its time was up. */
  readonly passed: boolean;
  /** Clears the timer and the listener on the other signal. Must always be called. */
  release(): void;
}

/**
 * Returns a signal that aborts with `outer`, or after `timeoutMs` with a TimeoutError. Nested calls of
 * AbortSignal.any with AbortSignal.timeout would do the same, but Node.js 24 never frees them.
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
