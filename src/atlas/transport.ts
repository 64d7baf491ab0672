import type { Dispatcher } from 'undici';
import { decodeBody, tooLarge } from './content-coding.ts';
import { type DispatcherOptions, maxBodyBytes, openConnections } from './dispatcher.ts';
import { type Redact, withoutAuthorization } from './quote.ts';
import { classifyFault } from './transport-fault.ts';

/** A complete HTTP reply, as it was sent: parse it, and show nothing of it except through `quote`. */
export interface HttpReply {
  readonly status: number;
  /** Names are in lower case. Each character of a value is one byte (Latin-1). */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Without its content codings. */
  readonly body: string;
  /** Removes the secrets from text of this reply. For `quote`. */
  readonly redact?: Redact;
}

/** Returns the value of a header. Several lines are joined with commas, as RFC 9110 §5.3 allows. */
export function headerValue(reply: HttpReply, name: string): string | undefined {
  const value = reply.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

export interface TransportOptions extends DispatcherOptions {
  readonly baseUrl: string;
  readonly userAgent: string;
  /** Who answers there, for sentences about faults. Default: `Atlas`. */
  readonly peer?: string | undefined;
  /** Removes known secrets from a text. A server may quote them. */
  readonly redact?: Redact | undefined;
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
   * a body over 1 MiB, or a body in a content coding that cannot be undone. Throws `signal.reason` when the signal aborts.
   */
  get(path: string, headers: Headers, signal: AbortSignal): Promise<HttpReply>;
  /** Sends the fields as a form (`application/x-www-form-urlencoded`). Returns and throws like `get`. */
  postForm(
    path: string,
    fields: Readonly<Record<string, string>>,
    headers: Headers,
    signal: AbortSignal,
  ): Promise<HttpReply>;
  /**
   * Sends a text. Returns as soon as the status is known and the body is there, or as far as it came: a receiver that
   * has said what it thinks of a message need not say it well. Throws like `get`, where there is no status.
   */
  post(path: string, body: string, headers: Headers, signal: AbortSignal): Promise<HttpReply>;
  close(): Promise<void>;
}

export function createTransport(options: TransportOptions): Transport {
  const { baseUrl, userAgent, peer, redact = (text) => text, requestTimeoutMs, onRequestEnd } = options;
  const connections = openConnections(options);
  const { origin, pathname } = new URL(baseUrl);
  const prefix = pathname.replace(/\/$/, '');

  const send = async (
    path: string,
    {
      signal,
      headers,
      needsBody = true,
      ...what
    }: Sent & { readonly headers: Headers; readonly signal: AbortSignal; readonly needsBody?: boolean },
  ): Promise<HttpReply> => {
    let httpStatus: number | undefined;
    const withoutCredentials = withoutAuthorization(headers.authorization);
    const redactReply: Redact = (text) => redact(withoutCredentials(text));
    try {
      const request = {
        origin,
        path: prefix + path,
        ...what,
        // Without `accept-encoding`, a gateway may choose any coding (RFC 9110 §12.5.3).
        headers: { ...headers, 'accept-encoding': 'identity', 'user-agent': userAgent },
      };
      const reply = await sendRequest(connections.dispatcher, request, {
        signal,
        timeoutMs: requestTimeoutMs,
        needsBody,
      });
      httpStatus = reply.status;
      return { ...reply, body: textOf(reply, redactReply, needsBody), redact: redactReply };
    } catch (error) {
      signal.throwIfAborted();
      throw isTooLarge(error) ? tooLarge() : classifyFault(error, requestTimeoutMs, peer);
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
    post: (path, body, headers, signal) =>
      send(path, { method: 'POST', body, headers, signal, needsBody: false }),
    close: () => connections.close(),
  };
}

type Sent = { readonly method: 'GET' } | { readonly method: 'POST'; readonly body: string };

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE';
}

type RawReply = Pick<HttpReply, 'status' | 'headers'> & { readonly body: Buffer };

interface RequestBounds {
  /** Ends the request, which then throws the signal's reason. */
  readonly signal: AbortSignal;
  /** Throws a TimeoutError after this time, in ms. */
  readonly timeoutMs: number;
  /** False: a fault after the status ends the body, and is no fault of the request. */
  readonly needsBody: boolean;
}

/**
 * Sends one request and returns its complete reply. undici's own `request` creates a stream for every body, and a
 * timeout needs an AbortController: together they cost as much as the rest of a poll.
 */
async function sendRequest(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  { signal, timeoutMs, needsBody }: RequestBounds,
): Promise<RawReply> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<RawReply>();
  let controller: Dispatcher.DispatchController | undefined;
  let ended: Error | undefined;
  const fail = (fault: Error): void => {
    if (status === 0 || needsBody) reject(fault);
    else resolve({ status, headers, body: joined(chunks) });
  };
  const end = (reason: Error): void => {
    ended = reason;
    controller?.abort(reason);
    fail(reason);
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
        queueMicrotask(() => setImmediate(() => resolve({ status, headers, body: joined(chunks) })));
      },
      onResponseError(_controller, error) {
        fail(error);
      },
    });
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

function joined(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
}

/**
 * Returns the body as UTF-8 text without content codings and byte order mark. A body that cannot be decoded is a fault
 * only of a reply that succeeds and is needed: another status says enough without it, and the text is then empty.
 */
function textOf({ status, headers, body }: RawReply, redact: Redact, needsBody: boolean): string {
  const coding = headers['content-encoding'];
  if (coding === undefined) return withoutMark(body);
  try {
    return withoutMark(decodeBody(body, coding.toString(), maxBodyBytes, redact));
  } catch (error) {
    if (status === 200 && needsBody) throw error;
    return '';
  }
}

function withoutMark(body: Buffer): string {
  const text = body.toString('utf8');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
