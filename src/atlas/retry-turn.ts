import { abortableDelay } from './abortable-delay.ts';
import { AtlasError } from './atlas-error.ts';

export interface RetryTurn {
  /** How long to wait at least, in ms. */
  readonly delayMs: number;
  /** Returns how long Atlas still wants no request, in ms; asked again after every wait. */
  readonly pauseMs: () => number;
  /** When the poll's time is over, by `performance.now()`, in ms. */
  readonly endsAt: number;
  readonly signal: AbortSignal;
}

/**
 * Waits until another attempt may be made, also for the end of a pause that Atlas asked of somebody else meanwhile.
 * Returns false, without waiting, when the delay does not fit into the poll's time; throws an {@link AtlasError} of
 * kind `rate_limited` when only the pause does not, and `signal.reason` when the signal aborts.
 */
export async function waitForRetry({ delayMs, pauseMs, endsAt, signal }: RetryTurn): Promise<boolean> {
  if (performance.now() + delayMs >= endsAt) return false;
  for (let waitMs = Math.max(delayMs, pauseMs()); waitMs > 0; waitMs = pauseMs()) {
    if (performance.now() + waitMs >= endsAt) throw paused(waitMs);
    await abortableDelay(waitMs, signal);
  }
  return true;
}

function paused(pauseMs: number): AtlasError {
  return new AtlasError({
    kind: 'rate_limited',
    detail: `Atlas asked for no request to the project for another ${Math.ceil(pauseMs / 1000)} s, longer than the poll may take.`,
  });
}
