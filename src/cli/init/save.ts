import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { makeFolder } from '../../state/real-path.ts';

export interface FileToSave {
  readonly path: string;
  readonly text: string;
  /** A secret is for this user alone, and so is a folder that is made for it. */
  readonly isSecret: boolean;
  /** Whether it may replace what lies there. */
  readonly replace: boolean;
}

/** Why a file could not be written, in a sentence. */
export class SaveError extends Error {
  override readonly name = 'SaveError';
}

/**
 * Writes files whole: each is written beside its place first, and all of them are moved there only when none failed.
 * What lies there is replaced and keeps its mode. Everything is synchronous, so that no signal comes in between.
 * Throws a `SaveError`, with nothing left behind.
 */
export function saveFiles(files: readonly FileToSave[]): void {
  const written: { readonly temporary: string; readonly target: string }[] = [];
  try {
    for (const { path, text, isSecret, replace } of files) {
      if (!replace && existsSync(path)) throw new SaveError(existsSentence(path));
      if (isFolder(path)) throw new SaveError(`${path} is a folder. Name a file in it.`);
      try {
        const target = targetOf(path, isSecret);
        const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
        written.push({ temporary, target });
        writeNew(temporary, text, isSecret ? 0o600 : modeOf(target));
      } catch (error) {
        throw new SaveError(`${path} cannot be written: ${describe(error)}`, { cause: error });
      }
    }
    for (const { temporary, target } of written) renameSync(temporary, target);
  } catch (error) {
    for (const { temporary } of written) rmSync(temporary, { force: true });
    if (error instanceof SaveError) throw error;
    throw new SaveError(`A file cannot be put into its place: ${describe(error)}`, { cause: error });
  }
}

/** Returns the sentence about a file that is there and may not be replaced. */
export function existsSentence(path: string): string {
  return `${path} exists already. Replace it with --force, or name another file.`;
}

/** Says whether a path is that of a folder, in whose place no file can be written. */
export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** A symbolic link stays one. */
function targetOf(path: string, isSecret: boolean): string {
  const full = resolve(path);
  const found = statSync(full, { throwIfNoEntry: false });
  if (found !== undefined) return realpathSync(full);
  makeFolder(dirname(full), isSecret ? 0o700 : 0o777);
  return full;
}

function modeOf(target: string): number {
  return (statSync(target, { throwIfNoEntry: false })?.mode ?? 0o666) & 0o777;
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

function describe(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'this user may not write there. Name another file, or give this user write access to the folder.';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'a part of its path is a file and not a folder. Name another file.';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'there is no room left. Make room, or name a file elsewhere.';
    default:
      return `${code}. Name another file.`;
  }
}
