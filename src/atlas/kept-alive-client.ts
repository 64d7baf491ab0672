import { Client, type Dispatcher } from 'undici';

/** A kept-alive connection closed before the first byte of the reply. A new connection is likely to work. */
export class StaleConnectionError extends Error {
  override readonly name = 'StaleConnectionError';
}

const endings: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/**
 * A client of one origin with one connection at a time. A server may close an idle connection while a request is on its
 * way (RFC 9112 §9.3.1). That fault, on a connection that has carried a reply before, becomes a
 * {@link StaleConnectionError} with the fault as its cause. Other faults stay as they are.
 */
export class KeptAliveClient extends Client {
  #hasReplied = false;

  constructor(...options: ConstructorParameters<typeof Client>) {
    super(...options);
    this.on('disconnect', () => {
      this.#hasReplied = false;
    });
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    let mayBeIdleClose = false;
    return super.dispatch(options, {
      onRequestStart: (controller, context) => {
        mayBeIdleClose = this.#hasReplied;
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
