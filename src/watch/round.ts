import type { Cadence } from './migration/cadence.ts';
import { type Refusable, sparedOf } from './refusals.ts';
import { startOffsetMs } from './round-spread.ts';

/** What of a migration decides whether a round polls it. Moments are those of the monotonic clock, in ms. */
export interface Turn extends Refusable {
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
const lateShare = 0.9;

/**
 * Returns what a round of this schedule polls, and when each poll begins at the earliest: spread over the interval, and
 * without what is waiting or being polled already, or need not be since the refusal of another one speaks for it.
 */
export function roundOf<Polled extends Turn>(
  all: readonly Polled[],
  cadence: Cadence,
  now: number,
  intervalMs: number,
): readonly (readonly [Polled, number])[] {
  const spared = sparedOf(all);
  const due = all.filter((turn) => turn.cadence === cadence && isFree(turn, now) && !spared.has(turn));
  return due.map((turn, index) => [turn, now + startOffsetMs(index, due.length, intervalMs)]);
}

/** Returns whether a migration may be polled now: it neither is already, nor is to be let alone. */
export function isFree({ pendingSince, notBefore }: Turn, now: number): boolean {
  return pendingSince === undefined && notBefore <= now;
}

/**
 * Returns whether a poll that was asked for an interval ago is still waiting or under way, without reason: while Atlas
 * wants no requests of its project, and until an interval after, it may be. `pausedUntil` is the end of that pause.
 */
export function isLate(
  { pendingSince }: Pick<Turn, 'pendingSince'>,
  pausedUntil: number,
  now: number,
  intervalMs: number,
): boolean {
  return pendingSince !== undefined && Math.max(pendingSince, pausedUntil) <= now - intervalMs * lateShare;
}

/** Returns the end of the pause after a refusal of a poll that began at this moment. */
export function pauseAfterRefusal(begunAt: number): number {
  return begunAt + refusedPauseMs * lateShare;
}
