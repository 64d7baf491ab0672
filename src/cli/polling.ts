import { isDeepStrictEqual } from 'node:util';
import type { PollResult } from '../atlas/client.ts';
import type { AtlasCredentials } from '../config/credentials.ts';
import { monotonicNow } from '../daemon/clock.ts';
import { type AtlasConnection, connectAtlas, limitHooks } from '../daemon/connection.ts';
import { loadCredentialsOf, type Settings } from '../daemon/settings.ts';
import type { Target } from '../watch/migration/target.ts';
import { PollQueue } from '../watch/poll-queue.ts';
import { RateLimiter } from '../watch/schedule/rate-limiter.ts';
import { readVersion } from './version.ts';

/** Polls of a command that remembers nothing, within the limits that hold for the daemon as well. */
export interface Polling {
  readonly queue: PollQueue<Target>;
  /** Drops the polls that have not begun, cuts off those under way, and closes the connections. */
  close(): Promise<void>;
}

export type PollingSettings = Pick<Settings, 'config' | 'credentials' | 'redactor'>;

/** A refusal of many polls at once is one reason to read the credentials again. */
const rereadAtMostEveryMs = 5_000;

/**
 * Connects to Atlas as the configuration asks. After a refusal the credentials are read again; where they are others
 * now, they are used from then on, and what was refused is read once more. `onResult` is told of every poll that ran to
 * its end.
 */
export function openPolling(
  { config, credentials, redactor }: PollingSettings,
  onResult: (target: Target, result: PollResult) => void,
): Polling {
  const closing = new AbortController();
  const limits = new RateLimiter({
    requestsPerMinute: config.atlas.requestsPerMinute,
    maxRetryAfterMs: config.retry.maxRetryAfter,
    emit: () => true,
    now: Date.now,
    monotonic: monotonicNow,
  });
  const connect = (next: AtlasCredentials): AtlasConnection =>
    connectAtlas(config, next, readVersion(), {
      ...limitHooks(limits),
      registerSecret: (secret) => redactor.register(secret),
    });
  let inUse = { credentials, atlas: connect(credentials) };
  /** Polls under way may still use the former ones, so all are closed at the end. */
  const connections = [inUse.atlas];

  async function reread(): Promise<void> {
    const access = await loadCredentialsOf(config, redactor);
    if (!access.ok || closing.signal.aborted || isDeepStrictEqual(access.credentials, inUse.credentials))
      return;
    inUse = { credentials: access.credentials, atlas: connect(access.credentials) };
    connections.push(inUse.atlas);
  }
  const rereadOnce = atMostEvery(rereadAtMostEveryMs, reread);

  async function read(target: Target): Promise<PollResult> {
    const { client } = inUse.atlas;
    limits.take(target.groupId);
    const result = await client.readMigration(target, closing.signal);
    if (result.ok || result.error.kind !== 'unauthorized') return result;
    await rereadOnce();
    return client === inUse.atlas.client ? result : read(target);
  }

  const queue = new PollQueue<Target>({
    concurrency: () => config.atlas.concurrency,
    monotonic: monotonicNow,
    laneOf: ({ groupId }) => groupId,
    laneWaitMs: (groupId) => limits.waitMs(groupId),
    async run(target) {
      try {
        const result = await read(target);
        if (!closing.signal.aborted) onResult(target, result);
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
      await Promise.all(connections.map((atlas) => atlas.close()));
    },
  };
}

/** Returns a function that does the work, or what of it was begun within this time. */
function atMostEvery(ms: number, work: () => Promise<void>): () => Promise<void> {
  let begun = Number.NEGATIVE_INFINITY;
  let latest = Promise.resolve();
  return () => {
    if (monotonicNow() - begun >= ms) {
      begun = monotonicNow();
      latest = work();
    }
    return latest;
  };
}
