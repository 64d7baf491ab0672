import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fchownSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StateError } from '../store.ts';

/** SQLite's own, "PRAGMA wal_autocheckpoint", SQLite documentation. */
const defaultPages = 1_000;
/** On a disk with almost no space, a smaller log would be checkpointed with every commit. */
const fewestPages = 8;
const pageBytes = 4_096;
/** The log holds every version of a page: without a limit it fills a tiny disk after few commits. */
const shareOfFree = 1 / 8;

/** Identifies a state file and its write-ahead log, and shows whether another program wrote to the file. */
export interface Fingerprint {
  readonly file: string;
  /** The identity of the write-ahead log, which exists as long as the file is open and nobody removes it. */
  readonly log: string;
  readonly size: bigint;
  readonly modifiedNs: bigint;
}

/**
 * Returns the path of a state file without symbolic links, so that one file has one lease under all of its names,
 * and makes the folders that it needs. Throws the error of the file system where that fails.
 */
export function realStatePath(path: string): string {
  const full = resolve(path);
  if (existsSync(full)) return realpathSync(full);
  makeFolder(dirname(full));
  return join(realpathSync(dirname(full)), basename(full));
}

/**
 * Makes a folder and the missing folders above it. One level at a time: a recursive mkdir of Node.js 24 never
 * returns where a file system denies having the parent.
 */
export function makeFolder(folder: string, mode = 0o750): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  makeFolder(dirname(folder), mode);
  mkdirSync(folder, { mode });
}

/**
 * Creates an empty file that users outside of its group cannot read, where there is none. What root makes belongs to the
 * owner of `model`, whose user is to open it. SQLite gives its log the same mode and owner. An existing file keeps both.
 */
export function createClosed(path: string, model = dirname(path)): void {
  if (existsSync(path)) return;
  const handle = openSync(path, 'ax', 0o640);
  try {
    if (process.geteuid?.() === 0) giveToOwnerOf(model, handle);
  } finally {
    closeSync(handle);
  }
}

/** A file system without owners, and a container without the right, leave it to root. */
function giveToOwnerOf(model: string, handle: number): void {
  try {
    const { uid, gid } = statSync(model);
    fchownSync(handle, uid, gid);
  } catch {
    // Root can use it all the same.
  }
}

/**
 * Throws where something is at the path of a file that is to be made. A log of a file that was there would be taken for
 * the log of the new one, and damage it.
 */
export function checkVacant(path: string): void {
  if (isThere(path))
    throw new StateError(
      `${path} exists. A copy is made where nothing is: name another path, or move the file away.`,
    );
  const log = ['-wal', '-journal'].map((ending) => `${path}${ending}`).find(isThere);
  if (log !== undefined)
    throw new StateError(
      `${log} exists. It is a part of a file that was there, and would damage the copy: move it away, or name another path.`,
    );
}

/** Lets a file that is complete come to its path, so that it is there whole after a power cut, too. */
export function putInPlace(part: string, path: string): void {
  sync(part);
  renameSync(part, path);
  sync(dirname(path));
}

function isThere(name: string): boolean {
  return lstatSync(name, { throwIfNoEntry: false }) !== undefined;
}

function sync(path: string): void {
  const handle = openSync(path, 'r');
  fsyncSync(handle);
  closeSync(handle);
}

/** Throws where a file can only be read: SQLite opens it all the same, and a transaction for writing begins without an error. */
export function checkWritable(path: string): void {
  accessSync(path, constants.R_OK | constants.W_OK);
}

/** Returns the address of a file for a reader that takes no lock and makes no file: nothing may write it meanwhile. */
export function immutableUrl(path: string): URL {
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  return url;
}

/** Returns what distinguishes a file from another one at the same path; undefined where there is none. */
export function fileIdentity(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? undefined : `${stats.dev}:${stats.ino}`;
}

/** Returns the fingerprint of an open state file; undefined where the file or its log is missing. */
export function fileFingerprint(path: string): Fingerprint | undefined {
  const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
  const log = fileIdentity(`${path}-wal`);
  if (stats === undefined || log === undefined) return undefined;
  return { file: `${stats.dev}:${stats.ino}`, log, size: stats.size, modifiedNs: stats.mtimeNs };
}

/** Returns the size in pages at which the write-ahead log is checkpointed, with so many bytes free on its disk. */
export function walLimitPages(freeBytes: number): number {
  const pages = Math.floor((freeBytes * shareOfFree) / pageBytes);
  return Math.min(defaultPages, Math.max(fewestPages, pages));
}

/** Returns the bytes free for this user on the disk of a file; infinity where the file system does not report them. */
export function freeBytesAt(path: string): number {
  const { blocks, bavail, bsize } = statfsSync(path);
  return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
}
