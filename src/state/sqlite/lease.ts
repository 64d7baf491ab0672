import { existsSync, readFileSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StateError } from '../store.ts';
import { isBusy } from './errors.ts';
import { checkWritable, createClosed, fileIdentity } from './files.ts';

/** The right to write one state file, held by one process until it is released or the process ends. */
export interface StateLease {
  /** Returns whether its file is still there: another watcher would take the lease on a new one. */
  isInPlace(): boolean;
  /** May be called more than once. */
  release(): void;
}

const usedHere =
  'another watcher is using this state file. Stop it first, or set state.path to another file for this one.';
const notUsedHere =
  'the lock of this state file cannot be taken, and no program that is visible here holds it. If a watcher on another host or in another container does, stop that one. If the file system cannot lock files, as NFS without a lock service, set state.path to a place on a local disk.';
const usedElsewhere =
  'another program is using this state file under another name (a hard link, or the file mounted alone). Stop it first, or set state.path to another file for this one.';

/**
 * Takes the lease of a state file, or throws a {@link StateError} when another watcher holds it. The lease
 * is a write lock that the operating system keeps on a file beside it. It ends with the process in any case, so no
 * stale lease is left. Readers of the state file are not blocked. A command has it for a moment: `waitMs` is for that.
 */
export function takeStateLease(statePath: string, waitMs = 0): StateLease {
  const path = `${statePath}.lock`;
  createClosed(path, existsSync(statePath) ? statePath : undefined);
  checkWritable(path);
  const lock = new DatabaseSync(path, { timeout: waitMs });
  try {
    lock.exec('BEGIN IMMEDIATE');
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    throw heldBy(isLockedHere(path) ? usedHere : notUsedHere, statePath, error);
  }
  const identity = fileIdentity(path);
  return {
    isInPlace: () => fileIdentity(path) === identity,
    release: () => {
      if (lock.isOpen) lock.close();
    },
  };
}

/**
 * Throws a {@link StateError} if another watcher has the file open under another name: it has a lease and a log of
 * its own there. Only a connection without our log beside the file, or to a file of several names, can be such a one.
 */
export function checkOtherNames(statePath: string): void {
  const stats = statSync(statePath, { throwIfNoEntry: false });
  if (stats === undefined || stats.size === 0) return;
  if (stats.nlink === 1 && existsSync(`${statePath}-wal`)) return;
  const probe = new DatabaseSync(statePath, { timeout: 0 });
  try {
    // In this mode, SQLite takes a lock on the file itself that no other connection to it allows.
    probe.exec('PRAGMA locking_mode = EXCLUSIVE; SELECT count(*) FROM sqlite_schema');
  } catch (error) {
    if (isBusy(error)) throw heldBy(usedElsewhere, statePath, error);
    throw error;
  } finally {
    probe.close();
  }
}

function heldBy(sentence: string, statePath: string, cause: unknown): StateError {
  return new StateError(`${statePath}: ${sentence}`, { cause, reason: 'held' });
}

/**
 * Returns whether a process that is visible here has a lock on this file, as far as the operating system shows it.
 * SQLite reports a file system without locks as a lock that another program holds.
 */
function isLockedHere(path: string): boolean {
  try {
    const suffix = `:${statSync(path).ino}`;
    const fields = readFileSync('/proc/locks', 'utf8').split(/\s+/);
    return fields.some((field) => field.endsWith(suffix));
  } catch {
    return true;
  }
}
