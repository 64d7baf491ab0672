import type { AtlasError } from '../../atlas/atlas-error.ts';
import type { Emit } from '../../events/emitter.ts';
import { buildEvent } from '../../events/event-record.ts';
import { fullBucket, observeRemaining, pause, type TokenBucket, takeToken, waitMs } from './token-bucket.ts';

export interface RateLimiterOptions {
  readonly requestsPerMinute: number;
  /** A longer pause than this is not believed, in ms. */
  readonly maxRetryAfterMs: number;
  readonly emit: Emit;
  /** Wall clock and monotonic clock, in ms. */
  readonly now: () => number;
  readonly monotonic: () => number;
}

/** Atlas counts by the minute: an episode is over when a whole one has passed without a refusal. */
const episodeMs = 60_000;

/** Stands for the service account, whose access tokens Atlas limits for all projects together. */
const account = Symbol('account');

/** The request budget of every project, as Atlas counts by project, and the pauses that it asked for. */
export class RateLimiter {
  #options: RateLimiterOptions;
  readonly #budgets = new Map<string, TokenBucket>();
  /** When the episode of being limited ends for each project, and for the account, unless it is limited again before. */
  readonly #limitedUntil = new Map<string | typeof account, number>();

  constructor(options: RateLimiterOptions) {
    this.#options = options;
  }

  /** Returns how long the next poll of a project has to wait, in ms. */
  waitMs(groupId: string): number {
    return waitMs(this.#budget(groupId), this.#options.monotonic(), this.#options.requestsPerMinute);
  }

  /** Returns until when Atlas wants, or last wanted, no request to a project; of the monotonic clock, in ms. */
  pausedUntil(groupId: string): number {
    return this.#budget(groupId).pausedUntil;
  }

  /** Returns how long Atlas still wants no request to a project at all, in ms. */
  pauseMs(groupId: string): number {
    return Math.max(0, this.#budget(groupId).pausedUntil - this.#options.monotonic());
  }

  /** Takes note of how many requests Atlas will still take. */
  remaining(groupId: string, remaining: number): void {
    const { monotonic, requestsPerMinute } = this.#options;
    this.#budgets.set(
      groupId,
      observeRemaining(this.#budget(groupId), monotonic(), remaining, requestsPerMinute),
    );
  }

  /** Goes on with another budget for every project. */
  reconfigure(options: Pick<RateLimiterOptions, 'requestsPerMinute' | 'maxRetryAfterMs'>): void {
    this.#options = { ...this.#options, ...options };
  }

  /** Counts a request that is being sent, or a poll that is about to send its first one. */
  take(groupId: string): void {
    const { monotonic, requestsPerMinute } = this.#options;
    this.#budgets.set(groupId, takeToken(this.#budget(groupId), monotonic(), requestsPerMinute));
  }

  /**
   * Takes note of a failed attempt: a `Retry-After` pauses the project, and that or a 429 is reported once an episode.
   * Where an access token was asked for, the episode is that of all projects.
   */
  attemptFailed(groupId: string, { kind, retryAfterMs, signingIn }: AtlasError): void {
    const { emit, now, monotonic, maxRetryAfterMs } = this.#options;
    const pauseMs = Math.min(retryAfterMs ?? 0, maxRetryAfterMs);
    if (pauseMs > 0) {
      this.#budgets.set(groupId, pause(this.#budget(groupId), monotonic(), pauseMs));
    }
    if (kind !== 'rate_limited' && pauseMs === 0) return;
    const whose = signingIn ? account : groupId;
    const known = monotonic() < (this.#limitedUntil.get(whose) ?? Number.NEGATIVE_INFINITY);
    this.#limitedUntil.set(whose, monotonic() + episodeMs + pauseMs);
    if (known) return;
    const asked = retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) };
    emit(buildEvent('watcher.rate_limited', { ...(!signingIn && { groupId }), ...asked }, now()));
  }

  #budget(groupId: string): TokenBucket {
    return (
      this.#budgets.get(groupId) ?? fullBucket(this.#options.monotonic(), this.#options.requestsPerMinute)
    );
  }
}
