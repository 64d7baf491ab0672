import type { AtlasError } from '../../atlas/atlas-error.ts';
import type { PollResult } from '../../atlas/client.ts';
import type { Emit } from '../../events/emitter.ts';
import { buildEvent } from '../../events/event-record.ts';
import type { Clock } from './poller.ts';

export interface RateLimiterOptions {
  readonly requestsPerMinute: number;
  /** Longest accepted pause, in ms. */
  readonly maxRetryAfterMs: number;
  readonly emit: Emit;
  readonly clock: Clock;
}

/** Atlas counts by the minute: an episode is over when a whole one has passed without a refusal. */
const episodeMs = 60_000;

/** Share of a minute's requests that may be sent at one moment: small, as Atlas counts any sixty seconds. */
const burstShare = 0.1;

/** Stands for the service account, whose access tokens Atlas limits for all projects together. */
const account = Symbol('account');

/** The request budget of every project, as Atlas counts by project, and the pauses that it asked for. */
export class RateLimiter {
  readonly #options: RateLimiterOptions;
  readonly #buckets: Map<string, TokenBucket>;
  /** When the episode of being limited ends for each project, and for the account, unless it is limited again before. */
  readonly #limitedUntil: Map<string | typeof account, number>;

  /**
   * Shares the pauses and the used budgets with the limiter of the former configuration, whose polls may still run:
   * what Atlas answers them counts here too.
   */
  constructor(options: RateLimiterOptions, former?: RateLimiter) {
    this.#options = options;
    this.#buckets = former === undefined ? new Map() : former.#buckets;
    this.#limitedUntil = former === undefined ? new Map() : former.#limitedUntil;
  }

  /** Returns how long the next poll of a project has to wait, in ms. */
  waitMs(groupId: string): number {
    return waitMs(this.#bucket(groupId), this.#options.clock.monotonic(), this.#options.requestsPerMinute);
  }

  /** Returns until when Atlas wants, or last wanted, no request to a project; of the monotonic clock, in ms. */
  pausedUntil(groupId: string): number {
    return this.#bucket(groupId).pausedUntil;
  }

  /** Returns how long Atlas still wants no request to a project at all, in ms. */
  pauseMs(groupId: string): number {
    return Math.max(0, this.#bucket(groupId).pausedUntil - this.#options.clock.monotonic());
  }

  /** Counts the first request of a poll, which is about to start. */
  take(groupId: string, requests = 1): void {
    const { clock, requestsPerMinute } = this.#options;
    const bucket = takeToken(this.#bucket(groupId), clock.monotonic(), requestsPerMinute, requests);
    this.#buckets.set(groupId, bucket);
  }

  /** Records the end of a poll: its further requests, and how many more Atlas will accept. */
  observe(
    groupId: string,
    { requests, requestsRemaining }: Pick<PollResult, 'requests' | 'requestsRemaining'>,
  ): void {
    const { clock, requestsPerMinute } = this.#options;
    this.take(groupId, Math.max(0, requests - 1));
    if (requestsRemaining === undefined) return;
    const bucket = observeRemaining(
      this.#bucket(groupId),
      clock.monotonic(),
      requestsRemaining,
      requestsPerMinute,
    );
    this.#buckets.set(groupId, bucket);
  }

  /**
   * Records a failed attempt: a `Retry-After` pauses the project, and that or a 429 is reported once an episode.
   * Where an access token was asked for, the episode is that of all projects.
   */
  attemptFailed(groupId: string, { kind, retryAfterMs, signingIn }: AtlasError): void {
    const { emit, clock, maxRetryAfterMs } = this.#options;
    const pauseMs = Math.min(retryAfterMs ?? 0, maxRetryAfterMs);
    if (pauseMs > 0) {
      this.#buckets.set(groupId, pause(this.#bucket(groupId), clock.monotonic(), pauseMs));
    }
    if (kind !== 'rate_limited' && pauseMs === 0) return;
    const whose = signingIn ? account : groupId;
    const known = clock.monotonic() < (this.#limitedUntil.get(whose) ?? Number.NEGATIVE_INFINITY);
    this.#limitedUntil.set(whose, clock.monotonic() + episodeMs + pauseMs);
    if (known) return;
    const asked = retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) };
    emit(buildEvent('watcher.rate_limited', { ...(!signingIn && { groupId }), ...asked }, clock.now()));
  }

  #bucket(groupId: string): TokenBucket {
    return (
      this.#buckets.get(groupId) ??
      fullBucket(this.#options.clock.monotonic(), this.#options.requestsPerMinute)
    );
  }
}

/** How much of a project's request budget is left. Times are of the monotonic clock, in ms. */
export interface TokenBucket {
  readonly tokens: number;
  readonly at: number;
  /** Atlas asked for no request before this moment. */
  readonly pausedUntil: number;
}

/** Returns an unused budget. */
export function fullBucket(now: number, requestsPerMinute: number): TokenBucket {
  return { tokens: burst(requestsPerMinute), at: now, pausedUntil: Number.NEGATIVE_INFINITY };
}

/**
 * Returns the budget after one more request. It may go below zero: retries and digest challenges are sent when
 * they are due, and the polls after them wait the longer.
 */
export function takeToken(
  bucket: TokenBucket,
  now: number,
  requestsPerMinute: number,
  count = 1,
): TokenBucket {
  return { ...bucket, tokens: refilled(bucket, now, requestsPerMinute) - count, at: now };
}

/** Returns the budget after Atlas asked for a pause of `pauseMs`. A longer pause under way stays. */
export function pause(bucket: TokenBucket, now: number, pauseMs: number): TokenBucket {
  return { ...bucket, pausedUntil: Math.max(bucket.pausedUntil, now + pauseMs) };
}

/**
 * Returns the budget after Atlas said how many requests it will still take: ours is never larger, and keeps some
 * back, as others may be asking as well.
 */
function observeRemaining(
  bucket: TokenBucket,
  now: number,
  remaining: number,
  requestsPerMinute: number,
): TokenBucket {
  const tokens = Math.min(refilled(bucket, now, requestsPerMinute), remaining - burst(requestsPerMinute));
  return { ...bucket, tokens, at: now };
}

/** Returns how long the next poll of the project has to wait, in ms; 0 when it may start. */
export function waitMs(bucket: TokenBucket, now: number, requestsPerMinute: number): number {
  const missing = 1 - refilled(bucket, now, requestsPerMinute);
  const refillMs = missing <= 0 ? 0 : (missing * 60_000) / requestsPerMinute;
  return Math.max(0, refillMs, bucket.pausedUntil - now);
}

function refilled({ tokens, at }: TokenBucket, now: number, requestsPerMinute: number): number {
  return Math.min(burst(requestsPerMinute), tokens + ((now - at) * requestsPerMinute) / 60_000);
}

function burst(requestsPerMinute: number): number {
  return Math.max(1, Math.round(requestsPerMinute * burstShare));
}
