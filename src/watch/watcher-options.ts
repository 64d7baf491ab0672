import type { AtlasClient, PollResult } from '../atlas/client.ts';
import type { Emit } from '../events/emitter.ts';
import type { Ledger } from './ledger.ts';
import type { WatchPolicy } from './migration/apply-poll.ts';
import type { Target } from './migration/target.ts';
import type { RateLimiter } from './schedule/rate-limiter.ts';

export interface WatcherOptions {
  readonly targets: readonly Target[];
  readonly client: AtlasClient;
  readonly ledger: Ledger;
  readonly limits: RateLimiter;
  readonly emit: Emit;
  readonly policy: WatchPolicy;
  /** Polls under way at once, at most. */
  readonly concurrency: number;
  /** Wall clock and monotonic clock, in ms. */
  readonly now: () => number;
  readonly monotonic: () => number;
  /** Called once, when nothing is left to watch. */
  readonly onSettled: () => void;
  /** Called when a poll's outcome could not be recorded. */
  readonly onFault: (error: unknown) => void;
  /** Called when what a poll led to is known. */
  readonly onPolled?: ((target: Target, result: PollResult, durationMs: number) => void) | undefined;
}

/** What may be another after a reload. */
export type Reconfiguration = Pick<WatcherOptions, 'targets' | 'policy' | 'concurrency'> & {
  /** Given only where another one is to be used; what the former one was refused is polled at once then. */
  readonly client?: AtlasClient;
};
