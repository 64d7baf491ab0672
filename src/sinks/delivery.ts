import type { DeliveryState } from '../state/delivery-state.ts';
import type { Outcome } from './sender.ts';

const firstDelayMs = 5_000;
const longestDelayMs = 3_600_000;
/** A receiver that asks for more is tried once a day. */
const longestRetryAfterMs = 24 * 3_600_000;
const longestWaitAtStartMs = 60_000;
/** An attempt that is later than this, in ms, comes after a time in which the watcher did not run. */
const pauseMs = 10 * 60_000;
/** Failures in a row after which a receiver is reported. */
const reportedAfter = 3;

export interface Attempt {
  readonly outcome: Outcome;
  /** When the attempt ended, in ms since 1970. */
  readonly now: number;
  /** When the event happened, in ms since 1970. */
  readonly eventAt: number;
  readonly giveUpAfterMs: number;
  /** In [0, 1). */
  readonly random: number;
}

/** What follows from an attempt. */
export interface AfterAttempt {
  readonly state: DeliveryState;
  /** The event is done with, or is tried again. */
  readonly event: 'delivered' | 'rejected' | 'gave_up' | 'waits';
  /** What is to be reported of the receiver. */
  readonly report?: 'unavailable' | 'recovered';
}

/**
 * Decides what an attempt to deliver an event leads to. A receiver is reported at its third failure in a row, or at
 * once where somebody must correct something; it recovers with the next event that arrives. An event is given up when
 * an attempt fails `giveUpAfterMs` after both the event and the first failure; but not by the first attempt after the
 * machine was suspended or the watcher was down: the network may not be up yet.
 */
export function afterAttempt(state: DeliveryState, attempt: Attempt): AfterAttempt {
  const { outcome, now, eventAt, giveUpAfterMs } = attempt;
  const { result, answer } = outcome;
  const lastAnswer = { at: now, text: answer, delivered: result === 'delivered' };
  if (result === 'delivered')
    return {
      state: { failures: 0, lastAnswer },
      event: 'delivered',
      ...(state.reported === true && { report: 'recovered' }),
    };
  // It answers, so the next event is sent at once. Whether it recovers is seen then.
  if (result === 'rejected')
    return { state: { ...state, nextAttemptAt: undefined, lastAnswer }, event: 'rejected' };
  const failures = state.failures + 1;
  const failingSince = state.failingSince ?? now;
  const isReportable = failures >= reportedAfter || result !== 'failed';
  const isGone = result === 'gone';
  const wasDueAt = state.nextAttemptAt ?? state.lastAnswer?.at ?? now;
  const hasGivenUp = now - Math.max(failingSince, eventAt) >= giveUpAfterMs && now - wasDueAt <= pauseMs;
  return {
    state: {
      failures,
      failingSince,
      // The next event is not given up untried.
      nextAttemptAt: hasGivenUp ? undefined : now + delayMs(failures, attempt),
      ...((isReportable || state.reported) && { reported: true }),
      ...(isGone && { gone: true }),
      lastAnswer,
    },
    event: hasGivenUp ? 'gave_up' : 'waits',
    ...(isReportable && (state.reported !== true || isGone) && { report: 'unavailable' }),
  };
}

/**
 * Returns the state of a receiver at a start, from that of an earlier run. Settings may have been corrected meanwhile, as
 * by a reload: one that wanted nothing is asked again, and others wait a minute at the most. Starts that follow each other
 * faster bring the attempt no nearer.
 */
export function afterStart(state: DeliveryState, now: number): DeliveryState {
  const { nextAttemptAt } = state;
  return {
    ...state,
    gone: undefined,
    nextAttemptAt: nextAttemptAt && Math.min(nextAttemptAt, now + longestWaitAtStartMs),
  };
}

/** Returns how long to wait for the next attempt, in ms. Where the clock was set back, there is none to wait for. */
export function waitMs({ nextAttemptAt, lastAnswer }: DeliveryState, now: number): number {
  if (nextAttemptAt === undefined || (lastAnswer !== undefined && lastAnswer.at > now)) return 0;
  return Math.max(0, nextAttemptAt - now);
}

/** Returns when an event is given up of a receiver that wants nothing any more, in ms since 1970. */
export function giveUpAt(
  { failingSince = 0 }: DeliveryState,
  eventAt: number,
  giveUpAfterMs: number,
): number {
  return Math.max(failingSince, eventAt) + giveUpAfterMs;
}

/** The upper half of the backoff is random, so that many watchers do not retry at the same moment. */
function delayMs(failures: number, { outcome: { retryAfterMs }, random }: Attempt): number {
  if (retryAfterMs !== undefined && retryAfterMs > 0) return Math.min(retryAfterMs, longestRetryAfterMs);
  const backoff = Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - 1));
  return Math.round((backoff * (1 + random)) / 2);
}
