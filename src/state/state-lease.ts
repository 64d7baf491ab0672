import { DatabaseSync } from 'node:sqlite';
import { fileIdentity } from './file-mark.ts';
import { isBusy, StateFileError } from './state-file-error.ts';

/** The right to write one state file, held by one process until it lets go or ends. */
export interface StateLease {
  /** Whether its file is still there: another watcher would take the lease on a new one. */
  isInPlace(): boolean;
  release(): void;
}

/**
 * Takes the lease of a state file, or throws a {@link StateFileError} when another watcher holds it. The lease
 * is a write lock that the operating system keeps on a file beside it: it ends with its process, however that
 * ends, so there is nothing stale to clean up. Readers of the state file are not hindered.
 */
export function takeStateLease(statePath: string): StateLease {
  const path = `${statePath}.lock`;
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec('BEGIN IMMEDIATE');
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    throw new StateFileError(
      `${statePath}: another watcher is using this state file. Stop it first, or set state.path to another file for this one.`,
      { cause: error, reason: 'held' },
    );
  }
  const identity = fileIdentity(path);
  return {
    isInPlace: () => fileIdentity(path) === identity,
    release: () => lock.close(),
  };
}
