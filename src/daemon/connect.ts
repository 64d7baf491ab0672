import { type AtlasClient, type AtlasClientOptions, createAtlasClient } from '../atlas/client.ts';
import { DigestSession } from '../atlas/digest-session.ts';
import type { DigestCredentials } from '../atlas/digest-signer.ts';
import { createTransport } from '../atlas/transport.ts';
import type { Config } from '../config/schema.ts';

export interface AtlasConnection {
  readonly client: AtlasClient;
  close(): Promise<void>;
}

/** Makes the Atlas client that a configuration asks for, with connections of its own. */
export function connectAtlas(
  { atlas, retry }: Pick<Config, 'atlas' | 'retry'>,
  credentials: DigestCredentials,
  version: string,
  hooks: Pick<AtlasClientOptions, 'onRequest' | 'onAttemptFailed'> = {},
): AtlasConnection {
  const transport = createTransport({
    baseUrl: atlas.baseUrl,
    userAgent: `cutover-watch/${version}`,
    concurrency: atlas.concurrency,
    requestTimeoutMs: atlas.requestTimeout,
  });
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
    authenticator: new DigestSession(credentials),
    now: Date.now,
    random: Math.random,
    ...hooks,
  });
  return { client, close: () => transport.close() };
}
