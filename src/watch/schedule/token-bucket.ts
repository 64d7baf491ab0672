/** How much of a project's request budget is left. Times are of the monotonic clock, in ms. */
export interface TokenBucket {
  readonly tokens: number;
  readonly at: number;
  /** Atlas asked for no request before this moment. */
  readonly pausedUntil: number;
}

/** Share of a minute's requests that may be sent at one moment: small, as Atlas counts any sixty seconds. */
const burstShare = 0.1;

/** Returns an unused budget. */
export function fullBucket(now: number, requestsPerMinute: number): TokenBucket {
  return { tokens: burst(requestsPerMinute), at: now, pausedUntil: Number.NEGATIVE_INFINITY };
}

/**
 * Returns the budget after one more request. It may go below zero: retries and digest challenges are sent when
 * they are due, and the polls after them wait the longer.
 */
export function takeToken(budget: TokenBucket, now: number, requestsPerMinute: number): TokenBucket {
  return { ...budget, tokens: refilled(budget, now, requestsPerMinute) - 1, at: now };
}

/** Returns the budget after Atlas asked for a pause of `pauseMs`. A longer pause under way stays. */
export function pause(budget: TokenBucket, now: number, pauseMs: number): TokenBucket {
  return { ...budget, pausedUntil: Math.max(budget.pausedUntil, now + pauseMs) };
}

/**
 * Returns the budget after Atlas told how many requests it will still take: ours is never larger, and keeps some
 * back, as others may be asking as well.
 */
export function observeRemaining(
  budget: TokenBucket,
  now: number,
  remaining: number,
  requestsPerMinute: number,
): TokenBucket {
  const tokens = Math.min(refilled(budget, now, requestsPerMinute), remaining - burst(requestsPerMinute));
  return { ...budget, tokens, at: now };
}

/** Returns how long the next poll of the project has to wait, in ms; 0 when it may start. */
export function waitMs(budget: TokenBucket, now: number, requestsPerMinute: number): number {
  const missing = 1 - refilled(budget, now, requestsPerMinute);
  const refillMs = missing <= 0 ? 0 : (missing * 60_000) / requestsPerMinute;
  return Math.max(0, refillMs, budget.pausedUntil - now);
}

function refilled({ tokens, at }: TokenBucket, now: number, requestsPerMinute: number): number {
  return Math.min(burst(requestsPerMinute), tokens + ((now - at) * requestsPerMinute) / 60_000);
}

function burst(requestsPerMinute: number): number {
  return Math.max(1, Math.round(requestsPerMinute * burstShare));
}
