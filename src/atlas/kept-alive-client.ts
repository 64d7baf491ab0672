import { type buildConnector, Client, type Dispatcher } from 'undici';

/** A kept-alive connection closed before the first byte of the reply. A new connection is likely to work. */
export class StaleConnectionError extends Error {
  override readonly name = 'StaleConnectionError';
}

/** A new connection closed before the request was sent. */
export class BrokenConnectionError extends Error {
  override readonly name = 'BrokenConnectionError';
}

const endings: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/**
 * A client of one origin with one connection at a time. It changes two things of undici's client.
 *
 * A server may close an idle connection while a request is on its way (RFC 9112 §9.3.1). That fault, on a connection
 * that has carried a reply before, becomes a {@link StaleConnectionError} with the fault as its cause.
 *
 * If a connection breaks before it has carried the request that waits for it, the request fails. undici opens the next
 * connection at once, thousands of times a second.
 */
export class KeptAliveClient extends Client {
  #hasReplied = false;
  #hasCarried = false;

  constructor(origin: string | URL, options: Client.Options, connect: buildConnector.connector) {
    let broken: Error | undefined;
    super(origin, {
      ...options,
      connect(to, callback) {
        if (broken === undefined) return connect(to, callback);
        const fault = new BrokenConnectionError('closed before it was used', { cause: broken });
        broken = undefined;
        queueMicrotask(() => callback(fault, null));
      },
    });
    this.on('disconnect', (_origin, _targets, error) => {
      if (!this.#hasCarried && this.stats.pending > 0) broken = error;
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
