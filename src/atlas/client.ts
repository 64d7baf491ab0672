import pRetry from 'p-retry';
import { abortableDelay, startDeadline } from './abort.ts';
import { AtlasError } from './atlas-error.ts';
import type { Authenticator, Send } from './authenticator.ts';
import { classifyReply } from './classify-reply.ts';
import {
  type ApiVersion,
  acceptHeader,
  type MigrationId,
  type MigrationReading,
  type MigrationReply,
  migrationPath,
  needsConfirmation,
  parseMigrationReply,
} from './migration-resource.ts';
import { quote } from './quote.ts';
import { type RetryPolicy, retryDelayMs, waitForRetry } from './retry.ts';
import type { Transport } from './transport.ts';
import { headerValue } from './transport.ts';

/** An HTTP date has at most 33 characters. */
const maxSunsetLength = 100;

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
  const read = async (poll: Poll, signal: AbortSignal): Promise<Reading> => {
    const { apiVersion, id } = poll;
    const accept = acceptHeader(apiVersion);
    const uri = migrationPath(apiVersion, id);
    const send: Send = async (authorization) => {
      poll.requests += 1;
      return await transport.get(
        uri,
        { accept, ...(authorization !== undefined && { authorization }) },
        signal,
      );
    };
    const reply = await authenticator.perform({ method: 'GET', uri }, send, signal);
    const remaining = Number.parseInt(headerValue(reply, 'ratelimit-remaining') ?? '', 10);
    if (remaining >= 0) poll.requestsRemaining = remaining;
    if (reply.status !== 200) throw classifyReply(reply, now(), authenticator.credential);
    const parsed = parseMigrationReply(reply, id.liveMigrationId);
    const sunset = headerValue(reply, 'sunset');
    const isDeprecated = sunset !== undefined || headerValue(reply, 'deprecation') !== undefined;
    const shown = quote(reply, sunset, maxSunsetLength);
    return {
      ...parsed,
      ...(isDeprecated && { deprecation: shown === undefined ? {} : { sunset: shown } }),
    };
  };

  /** An end stops the usual polls, so a reply without its id must be confirmed by another one. */
  const attempt = async (poll: Poll, signal: AbortSignal): Promise<Reading> => {
    const first = await read(poll, signal);
    if (!needsConfirmation(first)) return first;
    await abortableDelay(poll.retry.minDelayMs, signal);
    const second = await read(poll, signal);
    if (!needsConfirmation(second) || second.reading.status === first.reading.status) return second;
    throw new AtlasError({
      kind: 'bad_reply',
      httpStatus: 200,
      detail: `Two replies without an _id disagree: ${first.reading.status}, then ${second.reading.status}`,
    });
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
        const { reading, deprecation } = await pRetry(
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
        return { ok: true, ...counts(), reading, ...(deprecation !== undefined && { deprecation }) };
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

interface Reading extends MigrationReply {
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
