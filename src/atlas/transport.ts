import { setImmediate } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { AtlasError } from './atlas-error.ts';
import type { HttpReply } from './http-reply.ts';
import { classifyFault } from './transport-fault.ts';

const maxBodyBytes = 1024 * 1024;
/** Longer than the interval between polls, or each poll would open a TLS connection of its own. */
const keepAliveMs = 90_000;

export interface TransportOptions {
  readonly baseUrl: string;
  readonly userAgent: string;
  /** Connections at most. */
  readonly concurrency: number;
  /** Bounds one request, from connecting to the last byte of the body. */
  readonly requestTimeoutMs: number;
}

/** Sends GET requests to one origin, over kept-alive connections of its own. */
export interface Transport {
  /**
   * Returns the whole reply, whatever its status. Throws an {@link AtlasError} for a fault of the connection, a
   * timeout, or a body over 1 MiB; throws `signal.reason` when that signal ended the request.
   */
  get(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpReply>;
  close(): Promise<void>;
}

export function createTransport(options: TransportOptions): Transport {
  const { baseUrl, userAgent, concurrency, requestTimeoutMs } = options;
  const dispatcher = new Agent({
    connections: concurrency,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    maxResponseSize: maxBodyBytes,
    // One request at a time on a connection: a refused nonce must not hold up the polls behind it.
    allowH2: false,
    pipelining: 1,
  });
  return {
    async get(path, headers, signal) {
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]);
      try {
        const reply = await request(`${baseUrl}${path}`, {
          dispatcher,
          headers: { ...headers, 'user-agent': userAgent },
          signal: bounded,
        });
        const body = await reply.body.text();
        // undici frees a connection one turn after the body's end: signing again at once would open a second one.
        await setImmediate();
        return { status: reply.statusCode, headers: reply.headers, body };
      } catch (error) {
        signal.throwIfAborted();
        throw isTooLarge(error) ? tooLarge() : classifyFault(error, requestTimeoutMs);
      }
    },
    close: () => dispatcher.destroy(),
  };
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE';
}

function tooLarge(): AtlasError {
  return new AtlasError({ kind: 'bad_reply', detail: 'The reply is larger than 1 MiB.' });
}
