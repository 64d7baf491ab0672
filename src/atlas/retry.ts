import { abortableDelay } from './abort.ts';
import type { AtlasError } from './atlas-error.ts';

export interface RetryPolicy {
  /** All attempts, the first one included. */
  readonly attempts: number;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  readonly maxRetryAfterMs: number;
}

/** A request that times out is repeated only once: the next poll follows soon, and the outage must be reported in time. */
const timeoutAttempts = 2;

/**
 * Returns how long to wait before the next attempt, in milliseconds, or undefined if another attempt
 * in this poll would not help or is not allowed.
 *
 * A `Retry-After` takes the place of the backoff. It is capped and gets no jitter. The backoff doubles from
 * `minDelayMs` to `maxDelayMs`. Its upper half is random, also at the cap, so that many clients do not retry at the
 * same moment. `random` is in [0, 1); `attempt` counts from 1.
 */
export function retryDelayMs(
  error: AtlasError,
  attempt: number,
  policy: RetryPolicy,
  random: number,
): number | undefined {
  const attempts = error.kind === 'timeout' ? Math.min(policy.attempts, timeoutAttempts) : policy.attempts;
  if (attempt >= attempts || !isTransient(error)) return undefined;
  // The server closed an idle connection while the request was on its way. A wait would not help.
  if (error.connectionGone) return 0;
  // `Retry-After: 0` asks for no wait, so the backoff applies.
  if (error.retryAfterMs !== undefined && error.retryAfterMs > 0)
    return Math.min(error.retryAfterMs, policy.maxRetryAfterMs);
  const backoff = Math.min(policy.maxDelayMs, policy.minDelayMs * 2 ** (attempt - 1));
  return Math.round((backoff * (1 + random)) / 2);
}

function isTransient(error: AtlasError): boolean {
  switch (error.kind) {
    case 'network':
      // A missing or wrong login needs a person.
      return !error.proxyWantsLogin;
    case 'timeout':
    case 'rate_limited':
    case 'server_error':
      return true;
    case 'tls':
    case 'unauthorized':
    case 'forbidden':
    case 'not_found':
    case 'bad_reply':
    case 'api_version':
    case 'billing':
    case 'internal':
      return false;
  }
}

/** An HTTP date has at most 33 characters. */
const maxDateLength = 64;

/**
 * Reads a `Retry-After` header: a number of seconds or an HTTP date (RFC 9110 §10.2.3).
 * Returns milliseconds from `now` (0 for a time in the past), or undefined if the value is malformed.
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, Number.MAX_SAFE_INTEGER);
  // Date.parse accepts numbers and partial dates. An HTTP date always has a weekday and ends in GMT.
  if (text.length > maxDateLength || !/^[A-Z][a-z]{2,8},? .*\d GMT$/.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

export interface RetryWait {
  /** Minimum wait, in ms. */
  readonly delayMs: number;
  /** Returns the rest of a pause that Atlas asked for, in ms. Called again after every wait. */
  readonly pauseMs: () => number;
  /** When the time of the poll is over, by `performance.now()`, in ms. */
  readonly endsAt: number;
  readonly signal: AbortSignal;
}

/**
 * Waits until another attempt is allowed. A pause that Atlas asked another poll for in the meantime counts too.
 * Returns false at once if the wait does not fit into the time of the poll: the poll then ends with the fault of the
 * latest attempt. Throws `signal.reason` when the signal aborts.
 */
export async function waitForRetry({ delayMs, pauseMs, endsAt, signal }: RetryWait): Promise<boolean> {
  for (let waitMs = Math.max(delayMs, pauseMs()); waitMs > 0; waitMs = pauseMs()) {
    if (performance.now() + waitMs >= endsAt) return false;
    await abortableDelay(waitMs, signal);
  }
  return true;
}
