import { type buildConnector, Client, type Dispatcher } from 'undici';
import { skipContinue } from './skip-continue.ts';

/** A kept-alive connection closed before the first byte of the reply. A new connection is likely to work. */
export class StaleConnectionError extends Error {
  override readonly name = 'StaleConnectionError';
}

const endings: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/** What a client and its connector know of the connection. */
interface Link {
  /** Why the last connection broke before it carried the request that waits. */
  broken?: Error | undefined;
  /** Must be called at the start of each request. */
  expectReply: () => void;
}

/**
 * A client of one origin with one connection at a time. It changes three things of undici's client:
 *
 * - A server may close an idle connection while a request is on its way (RFC 9112 §9.3.1). That fault, on a connection
 *   that has carried a reply before, becomes a {@link StaleConnectionError} with the fault as its cause.
 * - If a connection breaks before it has carried the request that waits for it, the request fails. undici would open
 *   the next connection at once, thousands of times a second.
 * - `100 Continue` before a reply is skipped.
 */
export class KeptAliveClient extends Client {
  readonly #link: Link;
  #hasReplied = false;
  #hasCarried = false;

  constructor(origin: string | URL, options: Client.Options, connect: buildConnector.connector) {
    const link: Link = { expectReply: () => {} };
    super(origin, { ...options, connect: connectWith(link, connect) });
    this.#link = link;
    this.on('disconnect', (_origin, _targets, error) => {
      if (!this.#hasCarried && this.stats.pending > 0) link.broken = error;
      this.#hasReplied = false;
      this.#hasCarried = false;
    });
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    let mayBeIdleClose = false;
    return super.dispatch(options, {
      onRequestStart: (controller, context) => {
        mayBeIdleClose = this.#hasReplied;
        this.#hasCarried = true;
        this.#link.expectReply();
        handler.onRequestStart?.(controller, context);
      },
      onRequestUpgrade: (...upgrade) => handler.onRequestUpgrade?.(...upgrade),
      onResponseStart: (...start) => {
        mayBeIdleClose = false;
        handler.onResponseStart?.(...start);
      },
      onResponseData: (...data) => handler.onResponseData?.(...data),
      onResponseEnd: (...end) => {
        this.#hasReplied = true;
        handler.onResponseEnd?.(...end);
      },
      onResponseError: (controller, cause) => {
        const gone = mayBeIdleClose && 'code' in cause && endings.has(cause.code);
        handler.onResponseError?.(controller, gone ? new StaleConnectionError('closed', { cause }) : cause);
      },
    });
  }
}

function connectWith(link: Link, connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    const cause = link.broken;
    if (cause !== undefined) {
      link.broken = undefined;
      queueMicrotask(() => callback(new Error('broke before it was used', { cause }), null));
      return;
    }
    connect(options, (...result) => {
      // undici calls it with one argument only if it fails.
      if (result[0] === null) link.expectReply = skipContinue(result[1]);
      callback(...result);
    });
  };
}
