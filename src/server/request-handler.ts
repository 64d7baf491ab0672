import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { ServerContext } from './context.ts';
import { refuseUnknown } from './query.ts';
import { commonHeaders, type Reply, refusal } from './reply.ts';
import { refuse } from './request-guard.ts';
import { createAnswer, splitTarget, streamPath } from './routes.ts';
import { SlowReaders } from './slow-readers.ts';
import type { SseHub } from './sse-hub.ts';

/** The longest answers are of about a megabyte. Ten seconds are more than any link that a watcher is asked over needs. */
const unreadLimits = { bytes: 16 * 1024 * 1024, ms: 10_000 };

/** Returns what handles every request of a server that listens at this host. Nothing that goes wrong leaves it. */
export function handleRequests(listenHost: string, sources: ServerContext, streams: SseHub): RequestListener {
  const answer = createAnswer(sources);
  const unread = new SlowReaders(unreadLimits);

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const known = { listen: listenHost, allowed: sources.allowedHosts() };
    const refused = refuse({ method, url, headers }, known);
    if (refused === undefined && splitTarget(url).pathname === streamPath)
      openStream(request, response, sources, streams);
    else {
      send(request, response, refused ?? (await answer(url, headers)));
      unread.add(response);
    }
  }

  return (request, response) => {
    if (request.socket.destroyed) return;
    // A reader that goes away is no fault of ours.
    response.on('error', () => {});
    handle(request, response).catch((error: unknown) => {
      const words = sources.redact(
        error instanceof Error ? `${error.name}: ${error.message}` : String(error),
      );
      const { pathname } = splitTarget(request.url ?? '');
      sources.complain(
        `The HTTP server met an internal error at ${sources.redact(pathname)}; please report it. ${words}`,
      );
      if (response.headersSent) response.destroy();
      else send(request, response, refusal(500, `An internal error; please report it. ${words}`));
    });
  };
}

function openStream(
  { url = '', method, headers }: IncomingMessage,
  response: ServerResponse,
  sources: ServerContext,
  streams: SseHub,
): void {
  const { query } = splitTarget(url);
  const refused =
    refuseUnknown(query, ['after']) ??
    (streams.full
      ? refusal(503, 'There are as many streams as this server keeps. Close one, or come again later.', {
          headers: { 'retry-after': '10' },
        })
      : undefined);
  if (refused !== undefined) {
    send({ method }, response, refused);
    return;
  }
  // Proxies such as nginx would hold the stream back otherwise.
  const streaming = { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' };
  response.writeHead(200, { ...commonHeaders, ...streaming });
  const lastEventId = headers['last-event-id'] || query.get('after') || undefined;
  if (method === 'HEAD') response.end();
  else streams.add(response, sources, typeof lastEventId === 'string' ? lastEventId : undefined);
}

function send(
  { method }: Pick<IncomingMessage, 'method'>,
  response: ServerResponse,
  { status, headers, body }: Reply,
): void {
  response.writeHead(status, {
    ...commonHeaders,
    ...headers,
    ...(status !== 304 && { 'content-length': String(Buffer.byteLength(body)) }),
  });
  response.end(method === 'HEAD' ? undefined : body);
}
