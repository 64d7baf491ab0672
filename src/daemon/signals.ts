/** Why the daemon ends. */
export interface StopReason {
  readonly text: string;
  /** The error of the daemon that is the reason, if there is one. */
  readonly fault?: unknown;
}

export interface StopRequest {
  /** Resolves with the first reason. */
  readonly reason: Promise<StopReason>;
  /** The first uncaught error, also one during the shutdown. */
  readonly fault: unknown;
  request(reason: StopReason): void;
  /** Removes the handlers from the process. */
  release(): void;
}

/**
 * Listens for everything that ends the daemon: SIGTERM, SIGINT and uncaught errors. All lead to the same shutdown. A
 * second signal calls `leaveAtOnce`.
 */
export function listenForStop(leaveAtOnce: () => void): StopRequest {
  const { promise, resolve } = Promise.withResolvers<StopReason>();
  let asked = false;
  let caught: unknown;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (asked) leaveAtOnce();
    asked = true;
    resolve({ text: `received ${signal}` });
  };
  const onFault = (fault: unknown): void => {
    caught ??= fault;
    resolve({ text: 'an internal error', fault });
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  process.on('uncaughtException', onFault).on('unhandledRejection', onFault);
  return {
    reason: promise,
    get fault() {
      return caught;
    },
    request: resolve,
    release() {
      process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
      process.off('uncaughtException', onFault).off('unhandledRejection', onFault);
    },
  };
}

/** Requests to reload, by SIGHUP. */
export interface ReloadRequest {
  /** Calls back at every SIGHUP from now on, and at once if one has arrived before. */
  onRequest(listener: () => void): void;
  /** Removes the handler from the process. */
  release(): void;
}

/** Listens for SIGHUP. Call it before anything slow: without a handler, SIGHUP ends the process. */
export function listenForReload(): ReloadRequest {
  let asked = false;
  let listener = (): void => {
    asked = true;
  };
  const onHangup = (): void => listener();
  process.on('SIGHUP', onHangup);
  return {
    onRequest(next) {
      listener = next;
      if (asked) next();
    },
    release: () => void process.off('SIGHUP', onHangup),
  };
}
