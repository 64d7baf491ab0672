import type { Authenticator } from '../atlas/authenticator.ts';
import { type AtlasClient, createAtlasClient } from '../atlas/client.ts';
import { DigestSession } from '../atlas/digest-session.ts';
import { ServiceAccountSession } from '../atlas/service-account-session.ts';
import { createTransport, type Transport, type TransportOptions } from '../atlas/transport.ts';
import type { AtlasCredentials } from '../config/credentials.ts';
import type { Config } from '../config/schema.ts';

/** An Atlas client with its own credentials and connections. */
export interface AtlasConnection {
  readonly client: AtlasClient;
  /** Revokes the access token of a service account, within 2 s, and closes the connections. Never rejects. */
  close(): Promise<void>;
}

export interface ConnectionSettings {
  readonly config: Pick<Config, 'atlas' | 'proxy'>;
  readonly credentials: AtlasCredentials;
}

export interface ConnectionOptions extends Pick<TransportOptions, 'onRequestEnd'> {
  readonly version: string;
  /** Called with every access token before its first use; returns a function that forgets it again. */
  readonly registerSecret: (secret: string) => () => void;
  /** Removes the secrets from text of a server. */
  readonly redact: (text: string) => string;
}

/** The maximum of `atlas.concurrency`. The poller enforces the configured value, so a reload that changes it can keep the connections. */
const mostConnections = 256;

/** Returns the connection that a configuration describes. */
export function openConnection(
  { config: { atlas, proxy }, credentials }: ConnectionSettings,
  { version, registerSecret, redact, onRequestEnd }: ConnectionOptions,
): AtlasConnection {
  const transport = createTransport({
    baseUrl: atlas.baseUrl,
    userAgent: `cutover-watch/${version}`,
    concurrency: mostConnections,
    requestTimeoutMs: atlas.requestTimeout,
    proxy,
    redact,
    onRequestEnd,
  });
  const { authenticator, signOut } = signIn(credentials, transport, registerSecret);
  return {
    client: createAtlasClient({ transport, authenticator, now: Date.now, random: Math.random }),
    async close() {
      await signOut();
      await transport.close();
    },
  };
}

/** Returns whether two configurations can use the same connection. */
export function canShareConnection(one: ConnectionSettings, other: ConnectionSettings): boolean {
  return JSON.stringify(keysOf(one)) === JSON.stringify(keysOf(other));
}

function keysOf({ config: { atlas, proxy }, credentials }: ConnectionSettings) {
  return [atlas.baseUrl, atlas.requestTimeout, proxy, credentials];
}

function signIn(
  credentials: AtlasCredentials,
  transport: Transport,
  registerSecret: (secret: string) => () => void,
): { readonly authenticator: Authenticator; readonly signOut: () => Promise<void> } {
  switch (credentials.type) {
    case 'apiKey':
      return { authenticator: new DigestSession(credentials), signOut: () => Promise.resolve() };
    case 'serviceAccount': {
      const session = new ServiceAccountSession({ credentials, transport, now: Date.now, registerSecret });
      return { authenticator: session, signOut: () => session.close() };
    }
  }
}
