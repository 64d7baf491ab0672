import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Authenticator } from '../../src/atlas/authenticator.ts';
import {
  type AtlasClientOptions,
  createAtlasClient,
  type PollControl,
  type PollRequest,
  type PollResult,
} from '../../src/atlas/client.ts';
import type { MigrationId } from '../../src/atlas/migration-resource.ts';
import { createTransport, type Transport, type TransportOptions } from '../../src/atlas/transport.ts';

export const ID = { groupId: '5f7f5f5f5f5f5f5f5f5f5f5f', liveMigrationId: '7e68e12770616e75e6df43d0' };
export const KEY = { publicKey: 'abcdefgh', privateKey: '4c0e0b6a-private' };
export const BODY = {
  _id: ID.liveMigrationId,
  status: 'WORKING',
  readyForCutover: false,
  lagTimeSeconds: 120,
};

/** For servers that ask for no credentials. */
const unsigned: Authenticator = { perform: (_, send) => send(undefined) };

/** A signal that nobody aborts. */
export const never = new AbortController().signal;

/** What a test may set of a client and of its polls. */
export type ClientOptions = Partial<
  AtlasClientOptions & TransportOptions & PollRequest & Omit<PollControl, 'signal'>
>;

/** A client whose polls are all made in one way. */
export interface TestClient {
  poll(id?: MigrationId, signal?: AbortSignal): Promise<PollResult>;
}

/** A transport that the end of the test closes. */
export function connect(baseUrl: string, options: Partial<TransportOptions> = {}): Transport {
  const defaults = { userAgent: 'cutover-watch/test', concurrency: 16, requestTimeoutMs: 5000 };
  const transport = createTransport({ baseUrl, ...defaults, ...options });
  onTestFinished(() => transport.close());
  return transport;
}

/** A client over a transport that the end of the test closes. By default it makes one attempt, without a signature. */
export function connectClient(baseUrl: string, options: ClientOptions = {}): TestClient {
  const client = createAtlasClient({
    transport: connect(baseUrl, options),
    authenticator: unsigned,
    now: Date.now,
    random: () => 0,
    ...options,
  });
  const request: PollRequest = {
    apiVersion: 'v1.0',
    pollTimeoutMs: 10_000,
    retry: { attempts: 1, minDelayMs: 1, maxDelayMs: 2, maxRetryAfterMs: 300_000 },
    ...options,
  };
  return {
    poll: (id = ID, signal = never) => client.readMigration(id, request, { ...options, signal }),
  };
}

/** Starts an HTTP server on the loopback interface until the end of the test; returns its base URL. */
export async function listen(handler: RequestListener): Promise<{ baseUrl: string; server: Server }> {
  const server = createServer(handler);
  onTestFinished(() => server.closeAllConnections());
  return { baseUrl: `http://127.0.0.1:${await listenOn(server)}`, server };
}

/** Lets any server listen on a free loopback port until the end of the test; returns the port. */
export async function listenOn(server: NetServer): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(0, '127.0.0.1', resolve);
  await promise;
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}
