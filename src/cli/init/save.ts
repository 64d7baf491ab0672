import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { makeFolder } from '../../state/sqlite/files.ts';
import { findObstacleToNew } from '../../state/sqlite/obstacle.ts';
import { readSelf, runAsOwner } from '../../state/sqlite/write-access.ts';

export interface FileToSave {
  readonly path: string;
  readonly text: string;
  /** Only this user can read a secret, and a folder that is created for it. */
  readonly isSecret: boolean;
  /** Whether an existing file may be replaced. */
  readonly replace: boolean;
}

/** Why a file could not be written, in a sentence. */
export class SaveError extends Error {
  override readonly name = 'SaveError';
}

/**
 * Writes files atomically: each is written next to its target first, and all are renamed only when none failed.
 * A file that is replaced keeps its owner and its mode. Everything is synchronous, so that no signal comes in between.
 * Throws a `SaveError` and leaves nothing behind.
 */
export function saveFiles(files: readonly FileToSave[]): void {
  const written: { readonly temporary: string; readonly target: string }[] = [];
  try {
    for (const { path, text, isSecret, replace } of files) {
      const problem = placeProblem(path);
      if (problem !== undefined) throw new SaveError(problem);
      if (!replace && existsSync(path)) throw new SaveError(existsSentence(path));
      try {
        const target = targetOf(path, isSecret);
        const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
        written.push({ temporary, target });
        writeNew(temporary, text, isSecret ? 0o600 : 0o666);
        if (!isSecret) keepAttributes(target, temporary);
      } catch (error) {
        if (error instanceof SaveError) throw error;
        throw new SaveError(`${path} cannot be written: ${describe(error, path)}`, { cause: error });
      }
    }
    for (const { temporary, target } of written) renameSync(temporary, target);
  } catch (error) {
    for (const { temporary } of written) rmSync(temporary, { force: true });
    if (error instanceof SaveError) throw error;
    throw new SaveError(`A file cannot be renamed to its final name: ${describe(error)}`, { cause: error });
  }
}

/** Returns the sentence about an existing file that may not be replaced. */
export function existsSentence(path: string): string {
  return `${path} already exists. Add a migration to it with --add, replace it with --force, or name another file.`;
}

/**
 * Returns a sentence about a path where a file must not be written: there is something, and it is no plain file. A
 * device, a FIFO or a socket would be replaced by the file.
 */
export function placeProblem(path: string): string | undefined {
  const look = { throwIfNoEntry: false } as const;
  try {
    const found = statSync(path, look);
    if (path.endsWith('/') || found?.isDirectory() === true) return `${path} is a folder. Name a file in it.`;
    if (found?.isFile() === false)
      return `${path} is a device, a pipe or a socket, not a file, and is not replaced. Name another file.`;
    return found === undefined && lstatSync(path, look) !== undefined
      ? `${path} is a symbolic link to a file that does not exist. Remove it, or name another file.`
      : undefined;
  } catch {
    // Writing there says what is wrong.
    return undefined;
  }
}

/** A symbolic link stays one. */
function targetOf(path: string, isSecret: boolean): string {
  const full = resolve(path);
  const found = statSync(full, { throwIfNoEntry: false });
  if (found !== undefined) return realpathSync(full);
  makeFolder(dirname(full), isSecret ? 0o700 : 0o777);
  return full;
}

/** Gives a file the owner and the mode of the one that it will replace. */
function keepAttributes(former: string, file: string): void {
  const kept = statSync(former, { throwIfNoEntry: false });
  if (kept === undefined) return;
  const { uid, gid } = statSync(file);
  if (uid !== kept.uid || gid !== kept.gid) {
    try {
      chownSync(file, kept.uid, kept.gid);
    } catch (error) {
      throw new SaveError(
        `${former} belongs to user ${kept.uid}, group ${kept.gid}, and would not afterwards. ${runAsOwner(kept, readSelf())}.`,
        { cause: error },
      );
    }
  }
  // Not when it is created: the mask of the process would take bits away.
  chmodSync(file, kept.mode & 0o7777);
}

function writeNew(path: string, text: string, mode: number): void {
  const descriptor = openSync(path, 'wx', mode);
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function describe(error: unknown, path?: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS': {
      const obstacle = path === undefined ? undefined : findObstacleToNew(path);
      return obstacle === undefined
        ? 'permission denied. Name another file, or give this user write access to the folder.'
        : `${obstacle.why}. ${obstacle.remedy}`;
    }
    case 'ENOTDIR':
    case 'EEXIST':
      return 'a part of its path is a file, not a folder. Name another file.';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'no space left on the device. Free some space, or name a file elsewhere.';
    default:
      return `${code}. Name another file.`;
  }
}
