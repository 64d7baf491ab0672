import { lookup } from 'node:dns/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { httpOrigin, type ListenAddress, parseListenAddress } from '../config/listen-address.ts';
import type { ServerContext } from './context.ts';
import { ListenError } from './listen-error.ts';
import { checkParameters } from './query.ts';
import { commonHeaders, errorReply, HttpError, json, type Reply } from './reply.ts';
import { checkRequest } from './request-guard.ts';
import { createRouter, type RequestTarget, streamPath } from './router.ts';
import { createSender } from './send.ts';
import type { SseHub } from './sse-hub.ts';

/** More connections are refused. Streams take a quarter of them at most, so that probes find room. */
const maxConnections = 128;
/** Requests here are a line and a few headers. In bytes and ms. */
const limits = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 5_000,
};
/** Closes an idle connection, for example of a client that does not read its reply. */
const idleSocketMs = 30_000;

export interface HttpServer {
  /** Its URL, with the port in use where any free port was asked for. */
  readonly origin: string;
  /** Ends the streams, waits at most `graceMs` for answers under way, and closes every connection. */
  close(graceMs: number): Promise<void>;
}

/** Starts to listen at `host:port`. Throws a {@link ListenError} where that fails. */
export async function startHttpServer(
  listen: string,
  context: ServerContext,
  streams: SseHub,
): Promise<HttpServer> {
  const address = parseListenAddress(listen);
  if (address === undefined) throw new Error(`"${listen}" is no address to listen on.`);
  const server = createServer(limits, createListener(address.host, context, streams));
  server.maxConnections = maxConnections;
  server.setTimeout(idleSocketMs);
  try {
    await listenAt(server, address);
  } catch (error) {
    throw new ListenError(listen, error);
  }
  // From here on only accepting a connection can fail, as with too many open files. Polls do not depend on it.
  server.on('error', (error) => {
    const code = 'code' in error ? String(error.code) : error.name;
    context.warn(
      `The HTTP server could not accept a connection (${code}). Watching continues. If this repeats, check the limits of the machine, such as open files.`,
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

/** A name is looked up here: "localhost" has two addresses, and scrapers, probes and scripts ask the one of IPv4. */
async function listenAt(server: Server, address: ListenAddress): Promise<void> {
  const { port } = address;
  const { address: host } = await lookup(address.host, { order: 'ipv4first' });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Returns the listener for all requests. No error leaves it. */
function createListener(listen: string, context: ServerContext, streams: SseHub) {
  const route = createRouter(context);
  const send = createSender();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    checkRequest(request, { listen, allowed: context.watch.settings().allowedHosts });
    const target = targetOf(request);
    if (target.pathname === streamPath) openStream(request, response, target);
    else await send(request, response, await route(target));
  }

  async function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): Promise<void> {
    const reply = errorReply(error, request.headers.accept) ?? defectReply(request, error);
    if (response.headersSent) response.destroy();
    else await send(request, response, reply);
  }

  function openStream(
    { method, headers }: IncomingMessage,
    response: ServerResponse,
    { query }: RequestTarget,
  ): void {
    checkParameters(query, ['after']);
    // A pipelined request has no socket yet. Its stream could wait for one forever, and would keep its place.
    if (streams.ended || response.socket === null)
      throw noStream('No stream can begin now. Try again later, on a connection of its own.', 10);
    if (streams.full)
      throw noStream(
        'All 32 live connections are in use. Ask /api/migrations every 10 s instead, and try again in a minute.',
        60,
      );
    // Proxies such as nginx would buffer the stream without x-accel-buffering.
    const streaming = { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' };
    response.writeHead(200, { ...commonHeaders, ...streaming });
    const after = headers['last-event-id'] || query.get('after') || undefined;
    if (method === 'HEAD') response.end();
    else streams.add(response, context, after?.toString());
  }

  function defectReply(request: IncomingMessage, error: unknown): Reply {
    const { redact, warn } = context;
    const detail = redact.data(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
    const path = redact.data(targetOf(request).pathname);
    warn(`The HTTP server met an internal error at ${path}; please report it. ${detail}`);
    return json(
      {
        error: `The watcher can't answer this because of a bug in it. Watching continues. Report this: ${detail}`,
      },
      500,
    );
  }

  return (request: IncomingMessage, response: ServerResponse): void => {
    // A client that disconnects is no fault of the server.
    response.on('error', () => {});
    answer(request, response)
      .catch((error: unknown) => refuse(request, response, error))
      .catch(() => response.destroy());
  };
}

/** A browser does not connect again by itself after this, as it would after a stream that ends (HTML Standard, 9.2.3). */
function noStream(sentence: string, retryAfterSeconds: number): HttpError {
  return new HttpError(503, sentence, { headers: { 'retry-after': String(retryAfterSeconds) } });
}

function targetOf({ url = '' }: IncomingMessage): RequestTarget {
  const [pathname = '', ...rest] = url.split('?');
  return { pathname, query: new URLSearchParams(rest.join('?')) };
}
