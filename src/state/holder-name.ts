import { hostname } from 'node:os';

/** Returns how a store that is shared names this watcher: by its host and process id. */
export function holderName(): string {
  return `${hostname()} (pid ${process.pid})`;
}
