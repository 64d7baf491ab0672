import pRetry from 'p-retry';
import { abortableDelay } from './abortable-delay.ts';
import { AtlasError } from './atlas-error.ts';
import type { Authenticator } from './authenticator.ts';
import { classifyReply } from './classify-reply.ts';
import { type ApiVersion, acceptHeader, type MigrationId, migrationPath } from './endpoint.ts';
import { headerValue } from './http-reply.ts';
import { type MigrationReading, parseMigrationReply } from './migration-reply.ts';
import { type RetryPolicy, retryDelayMs } from './retry-policy.ts';
import type { Transport } from './transport.ts';

/** Notice that Atlas gave of this API's retirement (`Deprecation`, RFC 9745; `Sunset`, RFC 8594). */
export interface Retirement {
  readonly sunset?: string;
}

/** How a poll ended: with a reading, or with the error of its last attempt. */
export type PollResult = { readonly attempts: number; readonly retirement?: Retirement } & (
  | { readonly ok: true; readonly reading: MigrationReading }
  | { readonly ok: false; readonly error: AtlasError }
);

export interface AtlasClient {
  /**
   * Polls one migration: all retries together take at most `pollTimeoutMs`. Every fault is part of the result;
   * only an abort of `signal` is thrown, as its reason.
   */
  readMigration(id: MigrationId, signal: AbortSignal): Promise<PollResult>;
}

export interface AtlasClientOptions {
  readonly apiVersion: ApiVersion;
  readonly pollTimeoutMs: number;
  readonly retry: RetryPolicy;
  readonly transport: Transport;
  readonly authenticator: Authenticator;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Told of every HTTP request before it is sent, those of the digest challenge and retries included. */
  readonly onRequest?: (groupId: string) => void;
  /** Told of every attempt that failed, also when another one follows. */
  readonly onAttemptFailed?: (groupId: string, error: AtlasError) => void;
}

export function createAtlasClient(options: AtlasClientOptions): AtlasClient {
  const { apiVersion, retry, transport, authenticator, now } = options;
  const accept = acceptHeader(apiVersion);

  const attempt = async (id: MigrationId, signal: AbortSignal): Promise<Reading> => {
    const uri = migrationPath(apiVersion, id);
    const reply = await authenticator.perform({ method: 'GET', uri }, (authorization) => {
      options.onRequest?.(id.groupId);
      return transport.get(uri, { accept, ...(authorization !== undefined && { authorization }) }, signal);
    });
    if (reply.status !== 200) throw classifyReply(reply, now());
    const reading = parseMigrationReply(reply.body, id.liveMigrationId);
    const sunset = headerValue(reply, 'sunset');
    const retired = sunset !== undefined || headerValue(reply, 'deprecation') !== undefined;
    return { reading, ...(retired && { retirement: sunset === undefined ? {} : { sunset } }) };
  };

  return {
    async readMigration(id, signal) {
      const deadline = performance.now() + options.pollTimeoutMs;
      const pollTimeout = AbortSignal.timeout(options.pollTimeoutMs);
      const bounded = AbortSignal.any([signal, pollTimeout]);
      let attempts = 0;
      let lastError: AtlasError | undefined;
      let delayMs: number | undefined;
      try {
        const result = await pRetry(
          () => {
            attempts += 1;
            return attempt(id, bounded);
          },
          {
            retries: retry.attempts - 1,
            // The waiting is done below, as p-retry's own backoff knows neither Retry-After nor jitter at its cap.
            minTimeout: 0,
            signal: bounded,
            onFailedAttempt: async ({ error, attemptNumber }) => {
              lastError = asAtlasError(error);
              options.onAttemptFailed?.(id.groupId, lastError);
              delayMs = retryDelayMs(lastError, attemptNumber, retry, options.random());
              if (delayMs !== undefined && performance.now() + delayMs >= deadline) delayMs = undefined;
              if (delayMs !== undefined) await abortableDelay(delayMs, bounded);
            },
            shouldRetry: () => delayMs !== undefined,
          },
        );
        return { ok: true, attempts, ...result };
      } catch (error) {
        signal.throwIfAborted();
        const failure = pollTimeout.aborted
          ? (lastError ?? pollTimedOut(options.pollTimeoutMs))
          : asAtlasError(error);
        return { ok: false, attempts, error: failure };
      }
    },
  };
}

interface Reading {
  readonly reading: MigrationReading;
  readonly retirement?: Retirement;
}

function pollTimedOut(pollTimeoutMs: number): AtlasError {
  return new AtlasError({
    kind: 'timeout',
    detail: `No whole reply within the ${pollTimeoutMs / 1000} s of a poll.`,
  });
}

function asAtlasError(error: unknown): AtlasError {
  if (error instanceof AtlasError) return error;
  const name = error instanceof Error ? error.name : typeof error;
  return new AtlasError({
    kind: 'internal',
    detail: `The poll failed inside the program (${name}).`,
    cause: error,
  });
}
