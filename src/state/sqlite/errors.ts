import { DamagedRecordError, StateError, type StateFaultReason } from '../store.ts';
import { findObstacle, type Obstacle } from './obstacle.ts';
import type { Purpose } from './write-access.ts';

/** Primary result codes, "Result and Error Codes", SQLite documentation. */
const general = 1;
const permission = 3;
const busy = 5;
const locked = 6;
const readOnly = 8;
const corrupt = 11;
const full = 13;
const cannotOpen = 14;
const protocol = 15;
const tooBig = 18;
const constraint = 19;
const mismatch = 20;
const misuse = 21;
const range = 25;
const notADatabase = 26;

/** Extended result codes, same page. */
const sharedMemoryLock = 10 | (20 << 8);
const sharedMemoryMap = 10 | (21 << 8);

/** The connection is still good after these. */
const transientCodes: ReadonlySet<number | undefined> = new Set([busy, locked, full, constraint]);

/** Only a mistake of this program leads to these: a retry does not help. */
const mistakes: ReadonlySet<number> = new Set([tooBig, constraint, mismatch, misuse, range]);

/** All statements are our own: a general error means that a table is not what it should be, or a text no JSON. */
const reasonsByResult: Readonly<Partial<Record<number, StateFaultReason>>> = {
  [general]: 'damaged',
  [permission]: 'read_only',
  [readOnly]: 'read_only',
  [cannotOpen]: 'read_only',
  [busy]: 'locked',
  [locked]: 'locked',
  [protocol]: 'locked',
  [full]: 'disk_full',
  [corrupt]: 'damaged',
  [notADatabase]: 'damaged',
};

const reasonsByErrno: Readonly<Partial<Record<string, StateFaultReason>>> = {
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  EROFS: 'read_only',
  EACCES: 'read_only',
  EPERM: 'read_only',
  ENOSPC: 'disk_full',
  EDQUOT: 'disk_full',
  EIO: 'io_error',
  ESTALE: 'io_error',
  EMFILE: 'io_error',
  ENFILE: 'io_error',
  EISDIR: 'damaged',
  // A number that Node.js cannot represent: no value of ours.
  ERR_OUT_OF_RANGE: 'damaged',
};

const remedies: Readonly<Partial<Record<StateFaultReason, string>>> = {
  disk_full: 'Free some space on its disk.',
  read_only: 'Give the user of this process write access to it and to its folder.',
  locked: 'End the other program that has locked it.',
  held: 'Stop the other watcher that uses it.',
  missing: 'Put its folder back; the file itself is created again.',
  damaged: 'Move it away, and a new one is created.',
  io_error: 'Check its disk.',
};

const unknownObstacle: Obstacle = {
  reason: 'io_error',
  why: 'its path cannot be used',
  remedy: 'Check this path, or set state.path to another file.',
};

/** Returns SQLite's primary result code if the error is one of SQLite's. */
function resultCode(error: unknown): number | undefined {
  const code = extendedCode(error);
  // The upper bits of an extended code only detail the primary one.
  return code === undefined ? undefined : code & 0xff;
}

function extendedCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode : undefined;
}

/** Returns whether another connection holds the lock that was requested. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === busy;
}

/** Returns whether what is stored breaks a rule of its table. */
export function isConstraint(error: unknown): boolean {
  return resultCode(error) === constraint;
}

/** Returns whether the connection can be used again after this error. */
export function isTransient(error: unknown): boolean {
  return transientCodes.has(resultCode(error));
}

/** Returns why the state file failed; undefined for a mistake of this program. */
export function faultReason(error: unknown): StateFaultReason | undefined {
  if (error instanceof StateError) return error.reason;
  if (error instanceof DamagedRecordError) return 'damaged';
  const code = resultCode(error);
  if (code !== undefined) return mistakes.has(code) ? undefined : (reasonsByResult[code] ?? 'io_error');
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return reasonsByErrno[error.code] ?? ('syscall' in error ? 'io_error' : undefined);
}

/** Returns a fault of the state file as a StateError; a mistake of this program as it is. */
export function asStateFault(error: unknown, path: string): unknown {
  return faultReason(error) === undefined ? error : describeFault(error, path);
}

/** Returns an error of the state file as a sentence with a remedy. */
export function describeFault(error: unknown, path: string, purpose: Purpose = 'watcher'): StateError {
  const reason = faultReason(error) ?? 'io_error';
  const remedy = remedies[reason] ?? '';
  if (error instanceof StateError)
    return error.remedy === '' ? new StateError(error.message, { cause: error, reason, remedy }) : error;
  const obstacle = isAboutAccess(reason, error) ? findObstacle(path, purpose) : undefined;
  if (obstacle !== undefined) return obstructed(path, obstacle, error);
  return new StateError(`${path}: ${explain(error)}`, { cause: error, reason, remedy });
}

/** Returns what stands in the way of a state file as an error. */
export function obstructed(path: string, obstacle = findObstacle(path), cause?: unknown): StateError {
  const { reason, why, remedy } = obstacle ?? unknownObstacle;
  return new StateError(`${path}: the state file cannot be opened: ${why}. ${remedy}`, {
    cause,
    reason,
    remedy: `${sentence(why)} ${remedy}`,
  });
}

/** Returns whether the file system may know more of the cause: SQLite has one code for all that it cannot open. */
function isAboutAccess(reason: StateFaultReason, error: unknown): boolean {
  if (['read_only', 'missing', 'io_error'].includes(reason)) return true;
  return error instanceof Error && 'syscall' in error;
}

function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : 'unknown error';
  if (faultReason(error) === 'damaged' && ![corrupt, notADatabase].includes(resultCode(error) ?? 0))
    return `the state file is damaged (${message}). Move it away to start over, or restore a copy.`;
  if ([sharedMemoryLock, sharedMemoryMap].includes(extendedCode(error) ?? 0))
    return 'the file system of the state file cannot share memory between programs, as SQLite needs it. Set state.path to a place on a local disk.';
  switch (resultCode(error)) {
    case busy:
      return 'the state file is locked by another program; end that program, or set state.path to another file.';
    case corrupt:
      return 'the state file is damaged. Move it away to start over, or restore a copy; it was not touched.';
    case notADatabase:
      return 'this is not a usable state file (it is damaged, or something else). Move it away to start over, or set state.path to another file; it was not touched.';
    case readOnly:
    case cannotOpen:
      return 'the state file cannot be opened. Give the user of this process access to it and to its folder (the watcher needs to write there), or set state.path to a place that has it.';
    case full:
      return 'there is no space left for the state file. Free some, or set state.path to another disk.';
    default:
      return `the state file cannot be used (${message}). Check its disk, its folder and their permissions, or set state.path to another file.`;
  }
}

function sentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
}
