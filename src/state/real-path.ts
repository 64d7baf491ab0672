import { existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/**
 * Returns the path of a state file without symbolic links, so that one file has one lease whatever it is called,
 * and makes the folders that it needs. Throws what the file system says where that cannot be.
 */
export function realStatePath(path: string): string {
  const full = resolve(path);
  if (existsSync(full)) return realpathSync(full);
  makeFolder(dirname(full));
  return join(realpathSync(dirname(full)), basename(full));
}

/**
 * Makes a folder and those above it that it needs. One level at a time: a recursive mkdir of Node.js 24 never returns
 * where a file system denies having the parent.
 */
export function makeFolder(folder: string, mode = 0o750): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  makeFolder(dirname(folder), mode);
  mkdirSync(folder, { mode });
}
