/** Why the daemon ends. */
export interface StopReason {
  readonly text: string;
  /** Set when the daemon ends because of a fault of its own. */
  readonly fault?: unknown;
}

export interface StopRequest {
  /** Resolves with the first reason. */
  readonly reason: Promise<StopReason>;
  /** What nobody caught, also when it came on the way out. */
  readonly fault: unknown;
  request(reason: StopReason): void;
  /** Takes the process's handlers away again. */
  release(): void;
}

/**
 * Listens for everything that ends the daemon: SIGTERM, SIGINT, and what nobody caught. All of it leads to the
 * one way out; a second signal calls `leaveAtOnce`.
 */
export function listenForStop(leaveAtOnce: () => void): StopRequest {
  const { promise, resolve } = Promise.withResolvers<StopReason>();
  let asked = false;
  let caught: unknown;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (asked) leaveAtOnce();
    asked = true;
    resolve({ text: `asked to by ${signal}` });
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

/** The wish for a reload, by SIGHUP. */
export interface ReloadRequest {
  /** Calls back at every SIGHUP from now on, and at once if one came before. */
  onRequest(listener: () => void): void;
  /** Takes the process's handler away again. */
  release(): void;
}

/** Listens for SIGHUP, from before anything slow: unheard, it would end the process. */
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
