import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { acceptsGzip, isKnownTag } from './negotiation.ts';
import { commonHeaders, type Reply } from './reply.ts';
import { Turns } from './turns.ts';

/** A shorter body fits into one packet with its headers, so that compression gains nothing. In bytes. */
const leastCompressed = 1_024;
const chunkSize = 64 * 1024;

const compress = promisify<Uint8Array, { readonly chunkSize: number }, Buffer>(gzip);

/**
 * Returns the function that sends every reply but the stream. A reply whose `etag` the client has becomes a 304. A body
 * of a kilobyte or more is compressed for a client that accepts gzip: in the thread pool, one body at a time.
 */
export function createSender() {
  const turns = new Turns();

  return async (
    { method, headers: asked }: IncomingMessage,
    response: ServerResponse,
    { status, headers, body }: Reply,
  ): Promise<void> => {
    const common = { ...commonHeaders, vary: 'accept-encoding', ...headers };
    if (status === 200 && headers.etag !== undefined && isKnownTag(asked['if-none-match'], headers.etag)) {
      response.writeHead(304, common).end();
      return;
    }
    const plain = typeof body === 'string' ? Buffer.from(body) : body;
    const isCompressed = plain.length >= leastCompressed && acceptsGzip(asked['accept-encoding']);
    const sent = isCompressed ? await turns.take(() => compressFor(response, plain)) : plain;
    response.writeHead(status, {
      ...common,
      ...(isCompressed && { 'content-encoding': 'gzip' }),
      'content-length': String(sent.length),
    });
    response.end(method === 'HEAD' ? undefined : sent);
  };
}

/** A client that has disconnected while it waited for its turn costs nothing. */
function compressFor({ destroyed }: ServerResponse, body: Uint8Array): Promise<Uint8Array> | Uint8Array {
  return destroyed ? body : compress(body, { chunkSize });
}
