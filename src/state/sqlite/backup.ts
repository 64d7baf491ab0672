import { existsSync, rmSync, statSync } from 'node:fs';
import { StateError } from '../store.ts';
import { describeFault, faultReason } from './errors.ts';
import { checkVacant, createClosed, putInPlace } from './files.ts';
import { findObstacleToNew } from './obstacle.ts';
import { openExisting } from './reader.ts';

/**
 * Copies a state file as it is at this moment, also beside a running watcher, to a path where nothing is. The copy is
 * one file, and comes there when it is complete. Throws a StateError where the state file cannot be read, or the copy
 * not be made.
 */
export function backUpFile(path: string, target: string): void {
  attempt(target, () => checkVacant(target));
  const part = `${target}.part`;
  const discard = (): void => attempt(target, () => rmSync(part, { force: true }));
  discard();
  try {
    while (!copiedAtRest(path, target, part)) discard();
    attempt(target, () => putInPlace(part, target));
  } finally {
    discard();
  }
}

/** Returns whether the copy is good. Without a log the file is read as one that nobody writes, but a watcher may start. */
function copiedAtRest(path: string, target: string, part: string): boolean {
  const before = writtenAt(path);
  const database = openExisting(path);
  if (database === undefined)
    throw new StateError(`${path}: the state file was only just created, and has nothing yet.`);
  try {
    attempt(target, () => createClosed(part));
    database.prepare('VACUUM INTO ?').run(part);
  } catch (error) {
    throw faultReason(error) === 'damaged' ? describeFault(error, path) : asFaultOf(target, error);
  } finally {
    database.close();
  }
  return before === undefined || before === writtenAt(path);
}

/** Returns when a file was last written that has no log; undefined where it has one. */
function writtenAt(path: string): bigint | undefined {
  if (existsSync(`${path}-wal`)) return undefined;
  return statSync(path, { throwIfNoEntry: false, bigint: true })?.mtimeNs;
}

function attempt(target: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw asFaultOf(target, error);
  }
}

function asFaultOf(target: string, error: unknown): StateError {
  if (error instanceof StateError) return error;
  const obstacle = findObstacleToNew(target);
  const sentences =
    obstacle === undefined
      ? `the copy cannot be written (${reasonOf(error)}). Name a path where the disk has room.`
      : `the copy cannot be written: ${obstacle.why}. ${obstacle.remedy}`;
  return new StateError(`${target}: ${sentences}`, { cause: error });
}

/** SQLite's own code says nothing; its message does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const hasCode = 'code' in error && typeof error.code === 'string' && error.code !== 'ERR_SQLITE_ERROR';
  return hasCode ? String(error.code) : error.message;
}
