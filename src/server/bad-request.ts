import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { commonHeaders, refusal } from './reply.ts';

/** Answers what is no HTTP request, or does not become one in its time or its size, and closes the connection. */
export function refuseBadRequest(error: Error, socket: Duplex): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status, headers, body } = replyTo('code' in error ? error.code : undefined);
  const lines = Object.entries({
    ...commonHeaders,
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'), () =>
    socket.destroy(),
  );
}

function replyTo(code: unknown) {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return refusal(431, 'The headers are longer than the 8 KiB that any request here needs.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return refusal(408, 'The request was not complete in time.');
    default:
      return refusal(400, 'This is no HTTP/1.1 request that could be read.');
  }
}
