import { abortableDelay } from './abort.ts';
import type { AtlasError } from './atlas-error.ts';

export interface RetryPolicy {
  /** Attempts in all, the first one included. */
  readonly attempts: number;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  readonly maxRetryAfterMs: number;
}

/**
 * Returns how long to wait before the next attempt, in milliseconds, or undefined when another attempt within
 * this poll would not help or is not allowed.
 *
 * A `Retry-After` beats the backoff and gets no jitter, since it is the server's own figure; it is capped. The
 * backoff doubles from `minDelayMs` to `maxDelayMs`, and its upper half is random also at the cap, so that
 * many clients do not come back at one instant. `random` is in [0, 1); `attempt` counts from 1.
 */
export function retryDelayMs(
  error: AtlasError,
  attempt: number,
  policy: RetryPolicy,
  random: number,
): number | undefined {
  if (attempt >= policy.attempts || !isTransient(error)) return undefined;
  // The server closed an idle connection as the request was on its way: nothing is wrong that time would mend.
  if (error.connectionGone) return 0;
  // Zero seconds are no wish to wait at all, and four requests at once no answer to it.
  if (error.retryAfterMs !== undefined && error.retryAfterMs > 0)
    return Math.min(error.retryAfterMs, policy.maxRetryAfterMs);
  const backoff = Math.min(policy.maxDelayMs, policy.minDelayMs * 2 ** (attempt - 1));
  return Math.round((backoff * (1 + random)) / 2);
}

function isTransient(error: AtlasError): boolean {
  switch (error.kind) {
    case 'network':
      // A login that is missing or wrong stays so until a person does something.
      return !error.proxyWantsLogin;
    case 'timeout':
    case 'rate_limited':
    case 'server_error':
      return true;
    case 'unauthorized':
      // The server says the digest was right and only the nonce old; another round may find a nonce that lives.
      return error.stale;
    case 'tls':
    case 'forbidden':
    case 'not_found':
    case 'bad_reply':
    case 'api_version':
    case 'billing':
    case 'internal':
      return false;
  }
}

/**
 * Reads a `Retry-After` header: a number of seconds or an HTTP date (RFC 9110 §10.2.3).
 * Returns milliseconds from `now` (0 for a moment gone by), or undefined when the value cannot be read.
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, Number.MAX_SAFE_INTEGER);
  // Date.parse is lenient about numbers and half dates; an HTTP date always names a weekday and ends in GMT.
  if (!/^[A-Z][a-z]{2,8},? .*\d GMT$/.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

export interface RetryWait {
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
export async function waitForRetry({ delayMs, pauseMs, endsAt, signal }: RetryWait): Promise<boolean> {
  for (let waitMs = Math.max(delayMs, pauseMs()); waitMs > 0; waitMs = pauseMs()) {
    if (performance.now() + waitMs >= endsAt) return false;
    await abortableDelay(waitMs, signal);
  }
  return true;
}
