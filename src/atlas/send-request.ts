import type { Dispatcher } from 'undici';
import type { HttpReply } from './http-reply.ts';

export interface RequestBounds {
  /** Ends the request, which then fails with the signal's reason. */
  readonly signal: AbortSignal;
  /** After so many ms it fails with a TimeoutError. */
  readonly timeoutMs: number;
}

/**
 * Sends one request and returns its whole reply. undici's own `request` makes a stream of every body, and a bound of time
 * would take an AbortController more: both together cost as much as all else that a poll does.
 */
export async function sendRequest(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  { signal, timeoutMs }: RequestBounds,
): Promise<HttpReply> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<HttpReply>();
  let controller: Dispatcher.DispatchController | undefined;
  let ended: Error | undefined;
  const end = (reason: Error): void => {
    ended = reason;
    controller?.abort(reason);
    reject(reason);
  };
  const abort = (): void => end(asError(signal.reason));
  const timer = setTimeout(() => end(new DOMException('the time is up', 'TimeoutError')), timeoutMs);
  signal.addEventListener('abort', abort, { once: true });
  let status = 0;
  let headers: HttpReply['headers'] = {};
  const chunks: Buffer[] = [];
  try {
    dispatcher.dispatch(request, {
      onRequestStart(started) {
        controller = started;
        if (ended !== undefined) started.abort(ended);
      },
      onResponseStart(_controller, statusCode, fields) {
        status = statusCode;
        headers = fields;
      },
      onResponseData(_controller, chunk) {
        chunks.push(chunk);
      },
      onResponseEnd() {
        // undici frees a connection one turn after it has told of the end: signing again at once would open a second one.
        queueMicrotask(() => setImmediate(() => resolve({ status, headers, body: textOf(chunks) })));
      },
      onResponseError(_controller, error) {
        reject(error);
      },
    });
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

/** Returns UTF-8 text without the byte order mark that may precede it. */
function textOf(chunks: readonly Buffer[]): string {
  const [only] = chunks;
  const text = (chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)).toString('utf8');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
