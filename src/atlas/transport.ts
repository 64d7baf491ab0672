import { AtlasError } from './atlas-error.ts';
import { createDispatcher, type DispatcherOptions } from './dispatcher.ts';
import type { HttpReply } from './http-reply.ts';
import { sendRequest } from './send-request.ts';
import { classifyFault } from './transport-fault.ts';

export interface TransportOptions extends DispatcherOptions {
  readonly baseUrl: string;
  readonly userAgent: string;
  /** Bounds one request, from connecting to the last byte of the body. */
  readonly requestTimeoutMs: number;
  /**
   * Told how every HTTP request ended, those for access tokens and of the digest challenge included: with the status
   * of its reply, or undefined where no whole reply came.
   */
  readonly onRequestEnd?: ((httpStatus: number | undefined) => void) | undefined;
}

type Headers = Readonly<Record<string, string>>;

/** Sends requests to one origin, over kept-alive connections of its own. */
export interface Transport {
  /**
   * Returns the whole reply, whatever its status. Throws an {@link AtlasError} for a fault of the connection, a
   * timeout, or a body over 1 MiB; throws `signal.reason` when that signal ended the request.
   */
  get(path: string, headers: Headers, signal: AbortSignal): Promise<HttpReply>;
  /** Sends the fields as an HTML form does (`application/x-www-form-urlencoded`), within the bounds of `get`. */
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
  const dispatcher = createDispatcher(options);
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
      const reply = await sendRequest(dispatcher, request, { signal, timeoutMs: requestTimeoutMs });
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
    close: () => dispatcher.destroy(),
  };
}

type Sent = { readonly method: 'GET' } | { readonly method: 'POST'; readonly body: string };

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE';
}

function tooLarge(): AtlasError {
  return new AtlasError({ kind: 'bad_reply', detail: 'The reply is larger than 1 MiB.' });
}
