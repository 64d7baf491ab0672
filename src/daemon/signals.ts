import type { EventFields } from '../events/catalogue.ts';
import type { HeldSignals } from './held-signals.ts';

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
/** A burst of signals is over after this time. Node.js cannot catch those that arrive while it exits. */
const burstMs = 100;
/** npm passes on the SIGINT that the terminal has sent to the whole group: one Ctrl-C arrives twice. */
const sameKeyMs = 150;

let held: HeldSignals | undefined;

/** Lets the commands listen for the signals that have arrived since the start of the program. */
export function useHeldSignals(signals: HeldSignals): void {
  held = signals;
}

/** Calls back with each of these signals, first with those that were held. */
function listen(signals: readonly NodeJS.Signals[], listener: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of signals) process.on(signal, listener);
  for (const signal of held?.take(signals) ?? []) listener(signal);
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
  const isUnderNpm = process.env.npm_lifecycle_event !== undefined;
  return isUnderNpm && signal === 'SIGINT' && first.signal === 'SIGINT' && now - first.at < sameKeyMs;
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

/** Returns the fields of an event that say why the program stops, where that is a bug in it. */
export function faultFields({
  fault,
}: StopReason): Pick<EventFields['watcher.stopping'], 'errorType' | 'detail'> {
  return fault === undefined ? {} : { errorType: 'internal', detail: describeFault(fault) };
}

/** Returns the message and the top of the stack, for a bug report. The emitter redacts secrets. */
function describeFault(fault: unknown): string {
  return fault instanceof Error
    ? (fault.stack ?? fault.message).split('\n').slice(0, 4).join(' ')
    : String(fault);
}
