import { DatabaseSync } from 'node:sqlite';
import { StateFileError } from '../store.ts';
import { isBusy } from './errors.ts';
import { fileIdentity } from './files.ts';

/** The right to write one state file, held by one process until it is released or the process ends. */
export interface StateLease {
  /** Returns whether its file is still there: another watcher would take the lease on a new one. */
  isInPlace(): boolean;
  /** May be called more than once. */
  release(): void;
}

/**
 * Takes the lease of a state file, or throws a {@link StateFileError} when another watcher holds it. The lease
 * is a write lock that the operating system keeps on a file beside it. It ends with the process in any case, so no
 * stale lease is left. Readers of the state file are not blocked.
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
    release: () => {
      if (lock.isOpen) lock.close();
    },
  };
}
