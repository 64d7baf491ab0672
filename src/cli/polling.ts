import type { PollResult } from '../atlas/client.ts';
import { monotonicNow } from '../daemon/clock.ts';
import { connectAtlas, limitHooks } from '../daemon/connect.ts';
import { PollQueue } from '../watch/poll-queue.ts';
import { RateLimits } from '../watch/rate-limits.ts';
import type { Target } from '../watch/target.ts';
import type { SignedSettings } from './settings.ts';
import { readVersion } from './version.ts';

/** Polls of a command that remembers nothing, within the limits that hold for the daemon as well. */
export interface Polling {
  readonly queue: PollQueue<Target>;
  /** Drops the polls that have not begun, cuts off those under way, and closes the connections. */
  close(): Promise<void>;
}

/** Connects to Atlas as the configuration asks. `onResult` is told of every poll that ran to its end. */
export function openPolling(
  { config, credentials, redactor }: SignedSettings,
  onResult: (target: Target, result: PollResult) => void,
): Polling {
  const closing = new AbortController();
  const limits = new RateLimits({
    requestsPerMinute: config.atlas.requestsPerMinute,
    maxRetryAfterMs: config.retry.maxRetryAfter,
    emit: () => true,
    now: Date.now,
    monotonic: monotonicNow,
  });
  const atlas = connectAtlas(config, credentials, readVersion(), {
    ...limitHooks(limits),
    registerSecret: (secret) => redactor.register(secret),
  });
  const queue = new PollQueue<Target>({
    concurrency: () => config.atlas.concurrency,
    monotonic: monotonicNow,
    laneOf: ({ groupId }) => groupId,
    laneWaitMs: (groupId) => limits.waitMs(groupId),
    async run(target) {
      limits.spend(target.groupId);
      try {
        onResult(target, await atlas.client.readMigration(target, closing.signal));
      } catch (error) {
        if (!closing.signal.aborted) throw error;
      }
    },
  });
  return {
    queue,
    async close() {
      closing.abort();
      await queue.drain();
      await atlas.close();
    },
  };
}
