import type { AtlasError } from '../atlas/atlas-error.ts';
import type { Emit } from '../events/emitter.ts';
import { buildEvent } from '../events/event-record.ts';
import { type Budget, budgetWaitMs, fullBudget, pause, spend } from './request-budget.ts';

export interface RateLimitsOptions {
  readonly requestsPerMinute: number;
  /** A longer pause than this is not believed, in ms. */
  readonly maxRetryAfterMs: number;
  readonly emit: Emit;
  /** Wall clock and monotonic clock, in ms. */
  readonly now: () => number;
  readonly monotonic: () => number;
}

/** The request budget of every project, as Atlas counts by project, and the pauses that it asked for. */
export class RateLimits {
  readonly #options: RateLimitsOptions;
  readonly #budgets = new Map<string, Budget>();
  /** Projects in an episode of being limited: from the first refusal to the next successful poll. */
  readonly #limited = new Set<string>();

  constructor(options: RateLimitsOptions) {
    this.#options = options;
  }

  /** Returns how long the next poll of a project has to wait, in ms. */
  waitMs(groupId: string): number {
    return budgetWaitMs(this.#budget(groupId), this.#options.monotonic(), this.#options.requestsPerMinute);
  }

  /** Counts a request that is being sent. */
  spend(groupId: string): void {
    const { monotonic, requestsPerMinute } = this.#options;
    this.#budgets.set(groupId, spend(this.#budget(groupId), monotonic(), requestsPerMinute));
  }

  /** Takes note of a failed attempt: a `Retry-After` pauses the project, and a 429 is reported once an episode. */
  attemptFailed(groupId: string, { kind, retryAfterMs }: AtlasError): void {
    const { emit, now, monotonic, maxRetryAfterMs } = this.#options;
    if (retryAfterMs !== undefined) {
      const pauseMs = Math.min(retryAfterMs, maxRetryAfterMs);
      this.#budgets.set(groupId, pause(this.#budget(groupId), monotonic(), pauseMs));
    }
    if (kind !== 'rate_limited' || this.#limited.has(groupId)) return;
    this.#limited.add(groupId);
    const asked = retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) };
    emit(buildEvent('watcher.rate_limited', { groupId, ...asked }, now()));
  }

  /** Takes note of a successful poll, which ends an episode. */
  pollSucceeded(groupId: string): void {
    this.#limited.delete(groupId);
  }

  #budget(groupId: string): Budget {
    return (
      this.#budgets.get(groupId) ?? fullBudget(this.#options.monotonic(), this.#options.requestsPerMinute)
    );
  }
}
