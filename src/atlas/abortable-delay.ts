import { setTimeout as delay } from 'node:timers/promises';

/** Waits `delayMs`; throws `signal.reason` as soon as the signal aborts. */
export async function abortableDelay(delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(delayMs, undefined, { signal });
  } catch {
    signal.throwIfAborted();
  }
}
