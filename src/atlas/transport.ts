import type { Dispatcher } from 'undici';
import { AtlasError } from './atlas-error.ts';
import { type DispatcherOptions, openConnections } from './dispatcher.ts';
import { classifyFault } from './transport-fault.ts';

/** A complete HTTP reply. Header names are in lower case. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Returns the value of a header. Several lines are joined with commas, as RFC 9110 §5.3 allows. */
export function headerValue(reply: HttpReply, name: string): string | undefined {
  const value = reply.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

export interface TransportOptions extends DispatcherOptions {
  readonly baseUrl: string;
  readonly userAgent: string;
  /** Limits one request, from the connection to the last byte of the body. */
  readonly requestTimeoutMs: number;
  /**
   * Called at the end of every HTTP request, including those for access tokens and digest challenges, with the status
   * of the reply; undefined without a complete reply.
   */
  readonly onRequestEnd?: ((httpStatus: number | undefined) => void) | undefined;
}

type Headers = Readonly<Record<string, string>>;

/** Sends requests to one origin, over its own kept-alive connections. */
export interface Transport {
  /**
   * Returns the complete reply of any status. Throws an {@link AtlasError} for a fault of the connection, a timeout,
   * or a body over 1 MiB. Throws `signal.reason` when the signal aborts.
   */
  get(path: string, headers: Headers, signal: AbortSignal): Promise<HttpReply>;
  /** Sends the fields as a form (`application/x-www-form-urlencoded`). Returns and throws like `get`. */
  postForm(
    path: string,
    fields: Readonly<Record<string, string>>,
    headers: Headers,
    signal: AbortSignal,
  ): Promise<HttpReply>;
  close(): Promise<void>;
}

export function createTransport(options: TransportOptions): Transport {
  const { baseUrl, userAgent, requestTimeoutMs, onRequestEnd } = options;
  const connections = openConnections(options);
  const { origin, pathname } = new URL(baseUrl);
  const prefix = pathname.replace(/\/$/, '');

  const send = async (
    path: string,
    { signal, headers, ...what }: Sent & { readonly headers: Headers; readonly signal: AbortSignal },
  ): Promise<HttpReply> => {
    let httpStatus: number | undefined;
    try {
      const request = {
        origin,
        path: prefix + path,
        ...what,
        headers: { ...headers, 'user-agent': userAgent },
      };
      const reply = await sendRequest(connections.dispatcher, request, { signal, timeoutMs: requestTimeoutMs });
      httpStatus = reply.status;
      return reply;
    } catch (error) {
      signal.throwIfAborted();
      throw isTooLarge(error) ? tooLarge() : classifyFault(error, requestTimeoutMs);
    } finally {
      onRequestEnd?.(httpStatus);
    }
  };

  return {
    get: (path, headers, signal) => send(path, { method: 'GET', headers, signal }),
    postForm: (path, fields, headers, signal) =>
      send(path, {
        method: 'POST',
        body: new URLSearchParams(fields).toString(),
        headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
        signal,
      }),
    close: () => connections.close(),
  };
}

type Sent = { readonly method: 'GET' } | { readonly method: 'POST'; readonly body: string };

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE';
}

function tooLarge(): AtlasError {
  return new AtlasError({ kind: 'bad_reply', detail: 'The reply is larger than 1 MiB.' });
}

interface RequestBounds {
  /** Ends the request, which then throws the signal's reason. */
  readonly signal: AbortSignal;
  /** Throws a TimeoutError after this time, in ms. */
  readonly timeoutMs: number;
}

/**
 * Sends one request and returns its complete reply. undici's own `request` creates a stream for every body, and a
 * timeout needs an AbortController: together they cost as much as the rest of a poll.
 */
async function sendRequest(
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
        // undici frees a connection one turn after onResponseEnd. A request sent at once would open a second connection.
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

/** Returns the UTF-8 text without a byte order mark. */
function textOf(chunks: readonly Buffer[]): string {
  const [only] = chunks;
  const text = (chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)).toString('utf8');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
