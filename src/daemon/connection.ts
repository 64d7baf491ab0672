import type { Authenticator } from '../atlas/authenticator.ts';
import { type AtlasClient, type AtlasClientOptions, createAtlasClient } from '../atlas/client.ts';
import { DigestSession } from '../atlas/digest-session.ts';
import { ServiceAccountSession } from '../atlas/service-account-session.ts';
import { createTransport, type Transport, type TransportOptions } from '../atlas/transport.ts';
import type { AtlasCredentials } from '../config/credentials.ts';
import type { Config } from '../config/schema.ts';
import type { RateLimiter } from '../watch/schedule/rate-limiter.ts';

/** Connections to Atlas that are signed in: every client on them shares an access token and the pace of asking for one. */
export interface SignedInTransport {
  readonly transport: Transport;
  readonly authenticator: Authenticator;
  /** Revokes the access token of a service account, within 2 s, and closes the connections. Never rejects. */
  close(): Promise<void>;
}

export interface AtlasConnection {
  readonly client: AtlasClient;
  close: SignedInTransport['close'];
}

/** As many as `atlas.concurrency` may be: who polls keeps to it, so that another one needs no new connections. */
const mostConnections = 256;

export interface ConnectHooks
  extends Pick<AtlasClientOptions, 'onRequest' | 'onRemaining' | 'onAttemptFailed' | 'pauseMs'>,
    Pick<TransportOptions, 'onRequestEnd'> {
  /** Told of every access token before its first use; returns what forgets it again. */
  readonly registerSecret?: (secret: string) => () => void;
}

/**
 * Tells the limits of what the client does, and the client of the pauses that they know of. The first request of a poll
 * is not counted here: it is when the poll begins, so that polls which begin together see each other's.
 */
export function limitHooks(
  limits: RateLimiter,
): Pick<ConnectHooks, 'onRequest' | 'onRemaining' | 'onAttemptFailed' | 'pauseMs'> {
  return {
    onRequest: (groupId, ordinal) => {
      if (ordinal > 1) limits.take(groupId);
    },
    onRemaining: (groupId, remaining) => limits.remaining(groupId, remaining),
    onAttemptFailed: (groupId, error) => limits.attemptFailed(groupId, error),
    pauseMs: (groupId) => limits.pauseMs(groupId),
  };
}

/** Makes the Atlas client that a configuration asks for, with connections of its own. */
export function connectAtlas(
  config: Pick<Config, 'atlas' | 'retry' | 'proxy'>,
  credentials: AtlasCredentials,
  version: string,
  hooks: ConnectHooks = {},
): AtlasConnection {
  const line = openLine(config, credentials, version, hooks);
  return { client: clientOn(line, config, hooks), close: () => line.close() };
}

/** Makes connections that sign in as a configuration asks. */
export function openLine(
  { atlas, proxy }: Pick<Config, 'atlas' | 'proxy'>,
  credentials: AtlasCredentials,
  version: string,
  { registerSecret = () => () => {}, onRequestEnd }: ConnectHooks,
): SignedInTransport {
  const transport = createTransport({
    baseUrl: atlas.baseUrl,
    userAgent: `cutover-watch/${version}`,
    concurrency: mostConnections,
    requestTimeoutMs: atlas.requestTimeout,
    proxy,
    onRequestEnd,
  });
  const { authenticator, end } = signIn(credentials, transport, registerSecret);
  return {
    transport,
    authenticator,
    async close() {
      await end();
      await transport.close();
    },
  };
}

/** Makes a client that polls as a configuration asks, over connections that may serve others as well. */
export function clientOn(
  { transport, authenticator }: SignedInTransport,
  { atlas, retry }: Pick<Config, 'atlas' | 'retry'>,
  hooks: ConnectHooks,
): AtlasClient {
  return createAtlasClient({
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
