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
