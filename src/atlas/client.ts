import pRetry from 'p-retry';
import { startDeadline } from './abort.ts';
import { AtlasError } from './atlas-error.ts';
import type { Authenticator, Send } from './authenticator.ts';
import { classifyReply } from './classify-reply.ts';
import {
  type ApiVersion,
  acceptHeader,
  type MigrationId,
  type MigrationReading,
  migrationPath,
  parseMigrationReply,
} from './migration-resource.ts';
import { type RetryPolicy, retryDelayMs, waitForRetry } from './retry.ts';
import type { Transport } from './transport.ts';
import { headerValue } from './transport.ts';

/** The deprecation of this API that a reply announces (`Deprecation`, RFC 9745; `Sunset`, RFC 8594). */
export interface DeprecationNotice {
  readonly sunset?: string;
}

/** How a poll ended: with a reading, or with the error of its last attempt. */
export type PollResult = {
  readonly attempts: number;
  /** HTTP requests to the project, with digest challenges and retries, without requests for access tokens. */
  readonly requests: number;
  /** Requests that Atlas will still accept from the project (`RateLimit-Remaining`); absent if it did not report them. */
  readonly requestsRemaining?: number | undefined;
  readonly deprecation?: DeprecationNotice;
} & (
  | { readonly ok: true; readonly reading: MigrationReading }
  | { readonly ok: false; readonly error: AtlasError }
);

/** How one poll is made. */
export interface PollRequest {
  readonly apiVersion: ApiVersion;
  /** Limits the whole poll, retries included. */
  readonly pollTimeoutMs: number;
  readonly retry: RetryPolicy;
}

/** How the caller controls a poll. */
export interface PollControl {
  readonly signal: AbortSignal;
  /** Called after every failed attempt, also if another attempt follows. */
  readonly onAttemptFailed?: (error: AtlasError) => void;
  /** Returns how long no request may be sent to the project, in ms. A retry waits at least as long. */
  readonly pauseMs?: () => number;
}

export interface AtlasClient {
  /**
   * Polls one migration. Every fault is part of the result. Throws only `control.signal.reason`, when it aborts.
   */
  readMigration(id: MigrationId, request: PollRequest, control: PollControl): Promise<PollResult>;
}

export interface AtlasClientOptions {
  readonly transport: Transport;
  readonly authenticator: Authenticator;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** The state that all attempts of one poll share. */
interface Poll extends PollRequest {
  readonly id: MigrationId;
  requests: number;
  requestsRemaining?: number;
}

export function createAtlasClient({
  transport,
  authenticator,
  now,
  random,
}: AtlasClientOptions): AtlasClient {
  const attempt = async (poll: Poll, signal: AbortSignal): Promise<Reading> => {
    const { apiVersion, id } = poll;
    const accept = acceptHeader(apiVersion);
    const uri = migrationPath(apiVersion, id);
    const send: Send = async (authorization) => {
      poll.requests += 1;
      if (authorization === undefined) return await transport.get(uri, { accept }, signal);
      const reply = await transport.get(uri, { accept, authorization }, signal);
      return { ...reply, body: withoutAuthorization(reply.body, authorization) };
    };
    const reply = await authenticator.perform({ method: 'GET', uri }, send, signal);
    const remaining = Number.parseInt(headerValue(reply, 'ratelimit-remaining') ?? '', 10);
    if (remaining >= 0) poll.requestsRemaining = remaining;
    if (reply.status !== 200) throw classifyReply(reply, now(), authenticator.credential);
    const reading = parseMigrationReply(reply.body, id.liveMigrationId);
    const sunset = headerValue(reply, 'sunset');
    const isDeprecated = sunset !== undefined || headerValue(reply, 'deprecation') !== undefined;
    return { reading, ...(isDeprecated && { deprecation: sunset === undefined ? {} : { sunset } }) };
  };

  return {
    async readMigration(id, request, { signal, onAttemptFailed, pauseMs = () => 0 }) {
      const { pollTimeoutMs, retry } = request;
      const endsAt = performance.now() + pollTimeoutMs;
      const deadline = startDeadline(signal, pollTimeoutMs);
      const poll: Poll = { ...request, id, requests: 0 };
      let attempts = 0;
      let lastError: AtlasError | undefined;
      let again = false;
      const counts = () => ({
        attempts,
        requests: poll.requests,
        requestsRemaining: poll.requestsRemaining,
      });
      try {
        const result = await pRetry(
          () => {
            attempts += 1;
            return attempt(poll, deadline.signal);
          },
          {
            retries: retry.attempts - 1,
            // The wait is done below: p-retry's own backoff knows neither Retry-After nor jitter at its cap.
            minTimeout: 0,
            signal: deadline.signal,
            onFailedAttempt: async ({ error, attemptNumber }) => {
              lastError = asAtlasError(error);
              onAttemptFailed?.(lastError);
              const delayMs = retryDelayMs(lastError, attemptNumber, retry, random());
              if (delayMs === undefined) again = false;
              else again = await waitForRetry({ delayMs, pauseMs, endsAt, signal: deadline.signal });
            },
            shouldRetry: () => again,
          },
        );
        return { ok: true, ...counts(), ...result };
      } catch (error) {
        signal.throwIfAborted();
        const failure = deadline.passed ? (lastError ?? pollTimedOut(pollTimeoutMs)) : asAtlasError(error);
        return { ok: false, ...counts(), error: failure };
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
    detail: `No complete reply within the ${pollTimeoutMs / 1000} s of a poll.`,
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

const mark = '[redacted]';
/** The confidential parts of a digest. */
const digestParts = /\b(?:nonce|cnonce|response)="([^"]+)"/g;
const minLength = 4;

/**
 * Returns the text of a reply without the contents of the request's `Authorization` header. A server may quote them,
 * and they must not reach the log.
 */
export function withoutAuthorization(text: string, authorization: string): string {
  const [, credentials = ''] = /^\S+\s+(.*)$/s.exec(authorization) ?? [];
  const parts = [...authorization.matchAll(digestParts)].map(([, part = '']) => part);
  return [authorization, credentials, ...parts]
    .filter(({ length }) => length >= minLength)
    .reduce((clean, part) => clean.replaceAll(part, mark), text);
}
