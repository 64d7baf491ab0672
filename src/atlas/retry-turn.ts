import { abortableDelay } from './abortable-delay.ts';

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
 * Returns false, without waiting on, when delay or pause does not fit into the poll's time: the fault of the latest
 * attempt stands, and the pause is told of by itself. Throws `signal.reason` when the signal aborts.
 */
export async function waitForRetry({ delayMs, pauseMs, endsAt, signal }: RetryTurn): Promise<boolean> {
  for (let waitMs = Math.max(delayMs, pauseMs()); waitMs > 0; waitMs = pauseMs()) {
    if (performance.now() + waitMs >= endsAt) return false;
    await abortableDelay(waitMs, signal);
  }
  return true;
}
