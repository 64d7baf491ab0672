import type { Cadence } from './cadence.ts';
import { startOffsetMs } from './round-spread.ts';

/** What of a migration decides whether a round polls it. Moments are those of the monotonic clock, in ms. */
export interface Turn {
  /** The schedule on which it is polled. */
  readonly cadence: Cadence;
  /** When its waiting or running poll was asked for; undefined when there is none. */
  readonly pendingSince: number | undefined;
  /** No poll before this moment: the credentials were refused. */
  readonly notBefore: number;
}

/** How long a migration is let alone after a refusal: an API key may be locked for too many. */
const refusedPauseMs = 60_000;
/** Timers are a little early or late: what takes this part of an interval is taken to fill it. */
export const lateShare = 0.9;

/**
 * Returns what a round of this schedule polls, and when each poll begins at the earliest: spread over the interval,
 * and without what is waiting or being polled already.
 */
export function roundOf<Polled extends Turn>(
  all: readonly Polled[],
  cadence: Cadence,
  now: number,
  intervalMs: number,
): readonly (readonly [Polled, number])[] {
  const due = all.filter(
    (turn) => turn.cadence === cadence && turn.pendingSince === undefined && turn.notBefore <= now,
  );
  return due.map((turn, index) => [turn, now + startOffsetMs(index, due.length, intervalMs)]);
}

/** Returns the end of the pause after a refusal of a poll that began at this moment. */
export function pauseAfterRefusal(begunAt: number): number {
  return begunAt + refusedPauseMs * lateShare;
}
