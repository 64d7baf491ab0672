import { createServer, type Server } from 'node:http';
import { httpOrigin, type ListenAddress, parseListenAddress } from '../config/listen-address.ts';
import { refuseBadRequest } from './bad-request.ts';
import { limitConnections } from './connections.ts';
import type { ServerContext } from './context.ts';
import { ListenError } from './listen-error.ts';
import { handleRequests } from './request-handler.ts';
import type { SseHub } from './sse-hub.ts';

const maxConnections = 128;
/** A request here is a line and a few headers: whoever needs longer for them never comes to an end. In bytes and ms. */
const limits = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 20_000,
};
/** A reader that takes nothing for so long is gone. A stream says something more often. */
const silentSocketMs = 30_000;

export interface HttpServer {
  /** Where it is found: with the port it got where any free one was asked for. */
  readonly origin: string;
  /** Ends the streams, lets what is being answered finish for at most `graceMs`, and closes every connection. */
  close(graceMs: number): Promise<void>;
}

/** Starts to listen at `host:port`. Throws a {@link ListenError} where that cannot be. */
export async function startHttpServer(
  listen: string,
  sources: ServerContext,
  streams: SseHub,
): Promise<HttpServer> {
  const address = parseListenAddress(listen);
  if (address === undefined) throw new Error(`"${listen}" is no address to listen on.`);
  const server = createServer(limits);
  server.setTimeout(silentSocketMs);
  server.on('clientError', refuseBadRequest);
  limitConnections(server, maxConnections);
  server.on('request', handleRequests(address.host, sources, streams));
  try {
    await listenAt(server, address);
  } catch (error) {
    throw new ListenError(listen, error);
  }
  // Only taking one connection can fail from here on, as with too many files open; polls have nothing to do with it.
  server.on('error', (error) => {
    const code = 'code' in error ? String(error.code) : error.name;
    sources.complain(
      `The HTTP server could not take a connection (${code}). Watching goes on; if this comes again, look at what the machine runs out of, such as open files.`,
    );
  });
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
  return {
    origin: httpOrigin({ ...address, port }),
    close: (graceMs) =>
      new Promise((resolve) => {
        const cutOff = setTimeout(() => server.closeAllConnections(), graceMs);
        streams.end();
        server.close(() => {
          clearTimeout(cutOff);
          resolve();
        });
      }),
  };
}

function listenAt(server: Server, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
