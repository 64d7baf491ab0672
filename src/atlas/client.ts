import pRetry from 'p-retry';
import { startDeadline } from './abort.ts';
import { AtlasError } from './atlas-error.ts';
import type { Authenticator, Send } from './authenticator.ts';
import { classifyReply } from './classify-reply.ts';
import { type ApiVersion, acceptHeader, type MigrationId, migrationPath } from './endpoint.ts';
import { headerValue } from './http-reply.ts';
import { type MigrationReading, parseMigrationReply } from './migration-reply.ts';
import { withoutAuthorization } from './redact-authorization.ts';
import { type RetryPolicy, retryDelayMs, waitForRetry } from './retry.ts';
import type { Transport } from './transport.ts';

/** Notice that Atlas gave of this API's deprecation (`Deprecation`, RFC 9745; `Sunset`, RFC 8594). */
export interface DeprecationNotice {
  readonly sunset?: string;
}

/** How a poll ended: with a reading, or with the error of its last attempt. */
export type PollResult = { readonly attempts: number; readonly deprecation?: DeprecationNotice } & (
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
  /**
   * Told of every HTTP request to a project before it is sent, those of the digest challenge and retries included,
   * and of its ordinal within its poll. A request for an access token is not among them: Atlas limits those by
   * service account and not by project.
   */
  readonly onRequest?: (groupId: string, ordinal: number) => void;
  /** Told how many requests Atlas will still take from the project (`RateLimit-Remaining`). */
  readonly onRemaining?: (groupId: string, remaining: number) => void;
  /** Told of every attempt that failed, also when another one follows. */
  readonly onAttemptFailed?: (groupId: string, error: AtlasError) => void;
  /** Returns how long no request may be sent to the project, in ms: no attempt is repeated before. */
  readonly pauseMs?: (groupId: string) => number;
}

export function createAtlasClient(options: AtlasClientOptions): AtlasClient {
  const { apiVersion, retry, transport, authenticator, now } = options;
  const accept = acceptHeader(apiVersion);

  const attempt = async (
    id: MigrationId,
    signal: AbortSignal,
    counter: { requests: number },
  ): Promise<Reading> => {
    const uri = migrationPath(apiVersion, id);
    const send: Send = async (authorization) => {
      counter.requests += 1;
      options.onRequest?.(id.groupId, counter.requests);
      if (authorization === undefined) return await transport.get(uri, { accept }, signal);
      const reply = await transport.get(uri, { accept, authorization }, signal);
      return { ...reply, body: withoutAuthorization(reply.body, authorization) };
    };
    const reply = await authenticator.perform({ method: 'GET', uri }, send, signal);
    const remaining = Number.parseInt(headerValue(reply, 'ratelimit-remaining') ?? '', 10);
    if (remaining >= 0) options.onRemaining?.(id.groupId, remaining);
    if (reply.status !== 200) throw classifyReply(reply, now(), authenticator.credential);
    const reading = parseMigrationReply(reply.body, id.liveMigrationId);
    const sunset = headerValue(reply, 'sunset');
    const retired = sunset !== undefined || headerValue(reply, 'deprecation') !== undefined;
    return { reading, ...(retired && { deprecation: sunset === undefined ? {} : { sunset } }) };
  };

  return {
    async readMigration(id, signal) {
      const endsAt = performance.now() + options.pollTimeoutMs;
      const deadline = startDeadline(signal, options.pollTimeoutMs);
      const counter = { requests: 0 };
      let attempts = 0;
      let lastError: AtlasError | undefined;
      const pauseMs = (): number => options.pauseMs?.(id.groupId) ?? 0;
      let again = false;
      try {
        const result = await pRetry(
          () => {
            attempts += 1;
            return attempt(id, deadline.signal, counter);
          },
          {
            retries: retry.attempts - 1,
            // The waiting is done below, as p-retry's own backoff knows neither Retry-After nor jitter at its cap.
            minTimeout: 0,
            signal: deadline.signal,
            onFailedAttempt: async ({ error, attemptNumber }) => {
              lastError = asAtlasError(error);
              options.onAttemptFailed?.(id.groupId, lastError);
              const delayMs = retryDelayMs(lastError, attemptNumber, retry, options.random());
              if (delayMs === undefined) again = false;
              else again = await waitForRetry({ delayMs, pauseMs, endsAt, signal: deadline.signal });
            },
            shouldRetry: () => again,
          },
        );
        return { ok: true, attempts, ...result };
      } catch (error) {
        signal.throwIfAborted();
        const failure = deadline.passed
          ? (lastError ?? pollTimedOut(options.pollTimeoutMs))
          : asAtlasError(error);
        return { ok: false, attempts, error: failure };
      } finally {
        deadline.release();
      }
    },
  };
}

interface Reading {
  readonly reading: MigrationReading;
  readonly deprecation?: DeprecationNotice;
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
