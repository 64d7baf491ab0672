import type { Authenticator } from '../atlas/authenticator.ts';
import { type AtlasClient, type AtlasClientOptions, createAtlasClient } from '../atlas/client.ts';
import { DigestSession } from '../atlas/digest-session.ts';
import { ServiceAccountSession } from '../atlas/service-account-session.ts';
import { createTransport, type Transport, type TransportOptions } from '../atlas/transport.ts';
import type { AtlasCredentials } from '../config/credentials.ts';
import type { Config } from '../config/schema.ts';
import type { RateLimits } from '../watch/rate-limits.ts';

export interface AtlasConnection {
  readonly client: AtlasClient;
  /** The longest that a poll may take, in ms. */
  readonly pollTimeoutMs: number;
  /** Revokes the access token of a service account, within 2 s, and closes the connections. Never rejects. */
  close(): Promise<void>;
}

export interface ConnectHooks
  extends Pick<AtlasClientOptions, 'onRequest' | 'onRemaining' | 'onAttemptFailed' | 'pauseMs'>,
    Pick<TransportOptions, 'onRequestEnd'> {
  /** Told of every access token before its first use; returns what forgets it again. */
  readonly registerSecret?: (secret: string) => () => void;
}

/**
 * Tells the limits of what the client does, and the client of the pauses that they know of. The first request of a poll is not counted here: it is when the poll
 * begins, so that polls which begin together see each other's.
 */
export function limitHooks(
  limits: RateLimits,
): Pick<ConnectHooks, 'onRequest' | 'onRemaining' | 'onAttemptFailed' | 'pauseMs'> {
  return {
    onRequest: (groupId, ordinal) => {
      if (ordinal > 1) limits.spend(groupId);
    },
    onRemaining: (groupId, remaining) => limits.remaining(groupId, remaining),
    onAttemptFailed: (groupId, error) => limits.attemptFailed(groupId, error),
    pauseMs: (groupId) => limits.pauseMs(groupId),
  };
}

/** Makes the Atlas client that a configuration asks for, with connections of its own. */
export function connectAtlas(
  { atlas, retry, proxy }: Pick<Config, 'atlas' | 'retry' | 'proxy'>,
  credentials: AtlasCredentials,
  version: string,
  { registerSecret = () => () => {}, onRequestEnd, ...hooks }: ConnectHooks = {},
): AtlasConnection {
  const transport = createTransport({
    baseUrl: atlas.baseUrl,
    userAgent: `cutover-watch/${version}`,
    concurrency: atlas.concurrency,
    requestTimeoutMs: atlas.requestTimeout,
    proxy,
    onRequestEnd,
  });
  const { authenticator, end } = signIn(credentials, transport, registerSecret);
  const client = createAtlasClient({
    apiVersion: atlas.apiVersion,
    pollTimeoutMs: atlas.pollTimeout,
    retry: {
      attempts: retry.attempts,
      minDelayMs: retry.minDelay,
      maxDelayMs: retry.maxDelay,
      maxRetryAfterMs: retry.maxRetryAfter,
    },
    transport,
    authenticator,
    now: Date.now,
    random: Math.random,
    ...hooks,
  });
  return {
    client,
    pollTimeoutMs: atlas.pollTimeout,
    async close() {
      await end();
      await transport.close();
    },
  };
}

function signIn(
  credentials: AtlasCredentials,
  transport: Transport,
  registerSecret: (secret: string) => () => void,
): { readonly authenticator: Authenticator; readonly end: () => Promise<void> } {
  switch (credentials.type) {
    case 'apiKey':
      return { authenticator: new DigestSession(credentials), end: () => Promise.resolve() };
    case 'serviceAccount': {
      const session = new ServiceAccountSession({ credentials, transport, now: Date.now, registerSecret });
      return { authenticator: session, end: () => session.close() };
    }
  }
}
