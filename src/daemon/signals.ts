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

/** They all ask for the same shutdown. */
export const stopSignals = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;
/** Log rotation sends these by habit. SIGUSR1 would open the debugger of Node.js, and SIGUSR2 would end the process. */
const ignoredSignals = ['SIGUSR1', 'SIGUSR2'] as const;
/** A burst of signals is over after this time. Node.js cannot catch those that arrive while it exits. */
const burstMs = 100;
/** npm passes on the SIGINT that the terminal has sent to the whole group: one Ctrl-C arrives twice. */
const sameKeyMs = 150;

/** Signals that arrived before a command listens for them. */
const held: NodeJS.Signals[] = [];
const hold = (signal: NodeJS.Signals): void => void held.push(signal);

/**
 * Keeps the signals that arrive from now on for the command that will listen for them, and ignores those that mean
 * nothing here. Call it before anything else: the default action of a signal is to end the process.
 */
export function holdSignals(): void {
  for (const signal of [...stopSignals, 'SIGHUP'] as const) process.on(signal, hold);
  for (const signal of ignoredSignals) process.on(signal, () => {});
}

/**
 * Gives the signals that no command listens for their default action, also those that have arrived, except these: a
 * command is about to listen for them.
 */
export function releaseSignals(except: readonly NodeJS.Signals[] = []): void {
  const isReleased = (signal: NodeJS.Signals): boolean => !except.includes(signal);
  for (const signal of ([...stopSignals, 'SIGHUP'] as const).filter(isReleased)) process.off(signal, hold);
  for (const signal of takeHeld(isReleased)) process.kill(process.pid, signal);
}

function takeHeld(isTaken: (signal: NodeJS.Signals) => boolean): readonly NodeJS.Signals[] {
  const taken = held.filter(isTaken);
  held.splice(0, held.length, ...held.filter((signal) => !isTaken(signal)));
  return taken;
}

/** Calls back with each of these signals, first with those that were held. */
function listen(signals: readonly NodeJS.Signals[], listener: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of signals) process.on(signal, listener).off(signal, hold);
  for (const signal of takeHeld((each) => signals.includes(each))) listener(signal);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}

/**
 * Listens for everything that ends the daemon: SIGTERM, SIGINT, SIGQUIT and uncaught errors. All lead to the same
 * shutdown. A second signal calls `leaveAtOnce`, when its burst is over.
 */
export function listenForStop(leaveAtOnce: () => void): StopRequest {
  const { promise, resolve } = Promise.withResolvers<StopReason>();
  let first: { readonly signal: NodeJS.Signals; readonly at: number } | undefined;
  let leaving: NodeJS.Timeout | undefined;
  let caught: unknown;
  const onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (first === undefined) first = { signal, at: now };
    else if (!isSameKey(first, signal, now)) leaving ??= setTimeout(leaveAtOnce, burstMs);
    resolve({ text: `received ${signal}` });
  };
  const onFault = (fault: unknown): void => {
    caught ??= fault;
    resolve({ text: 'an internal error', fault });
  };
  process.on('uncaughtException', onFault).on('unhandledRejection', onFault);
  const stopListening = listen(stopSignals, onSignal);
  return {
    reason: promise,
    get fault() {
      return caught;
    },
    request: resolve,
    release() {
      clearTimeout(leaving);
      stopListening();
      process.off('uncaughtException', onFault).off('unhandledRejection', onFault);
    },
  };
}

/** Returns whether a SIGINT repeats the first one, because a wrapper has passed it on. */
function isSameKey(
  first: { readonly signal: NodeJS.Signals; readonly at: number },
  signal: NodeJS.Signals,
  now: number,
): boolean {
  const isWrapped = process.env.npm_lifecycle_event !== undefined;
  return isWrapped && signal === 'SIGINT' && first.signal === 'SIGINT' && now - first.at < sameKeyMs;
}

const checkParentEveryMs = 1_000;

/**
 * Calls back when the process that started this one has ended, because npm passes on SIGTERM and SIGINT only: what it
 * has started would run on, and would hold the state file. Returns a function that stops this.
 */
export function watchParent(onEnded: () => void): () => void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onEnded();
  }, checkParentEveryMs).unref();
  return () => clearInterval(timer);
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
  const release = listen(['SIGHUP'], () => listener());
  return {
    onRequest(next) {
      listener = next;
      if (asked) next();
    },
    release,
  };
}
