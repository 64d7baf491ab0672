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
