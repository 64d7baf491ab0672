/** Signals that arrived before a command listens for them. */
export interface HeldSignals {
  /** Stops holding these signals, and returns those of them that have arrived. */
  take(signals: readonly NodeJS.Signals[]): readonly NodeJS.Signals[];
  /** Gives the signals their default action, also those that have arrived, except these. */
  release(except?: readonly NodeJS.Signals[]): Promise<void>;
}

/**
 * Keeps the signals that arrive from now on for the command that will listen for them. Ignores SIGUSR1, which opens the
 * debugger of Node.js, and SIGUSR2: log rotation sends both by habit. Call it before anything else: the default action
 * of a signal is to end the process.
 */
export function holdSignals(): HeldSignals {
  const names: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP'];
  let arrived: readonly NodeJS.Signals[] = [];
  const hold = (signal: NodeJS.Signals): void => {
    arrived = [...arrived, signal];
  };
  const take = (signals: readonly NodeJS.Signals[]): readonly NodeJS.Signals[] => {
    for (const signal of signals) process.off(signal, hold);
    const taken = arrived.filter((signal) => signals.includes(signal));
    arrived = arrived.filter((signal) => !signals.includes(signal));
    return taken;
  };
  for (const signal of names) process.on(signal, hold);
  for (const signal of ['SIGUSR1', 'SIGUSR2'] as const) process.on(signal, () => {});
  return {
    take,
    async release(except = []) {
      // A signal that has arrived is lost if its last listener goes before the loop has come round to it.
      for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => void setImmediate(resolve));
      const taken = take(names.filter((signal) => !except.includes(signal)));
      for (const signal of taken) process.kill(process.pid, signal);
    },
  };
}
