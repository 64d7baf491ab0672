import { Client, type Dispatcher } from 'undici';

/** A kept-alive connection ended under a request before any byte of its reply; a new connection may well do. */
export class StaleConnectionError extends Error {
  override readonly name = 'ConnectionGone';
}

const endings: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/**
 * One connection after the other to one origin. A server that closes an idle connection may do so just as a request
 * is on its way (RFC 9112 §9.3.1): only that fault, on a connection that has carried a reply before, becomes a
 * {@link ConnectionGone} with the fault as its cause.
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
