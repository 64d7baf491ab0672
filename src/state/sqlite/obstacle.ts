import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { StateFaultReason } from '../store.ts';
import { elsewhere, explainRefusal, makeRemedy, type Purpose, readSelf } from './write-access.ts';

/** Why a state file cannot be opened, and what to do: a clause and a sentence. */
export interface Obstacle {
  readonly reason: StateFaultReason;
  readonly why: string;
  readonly remedy: string;
}

/** Files that a store has open. */
const filesOfStore = 8;

/**
 * Returns why a state file cannot be opened for writing; undefined where nothing stands in the way. SQLite reports one
 * code for all of it. No file of the store is opened for this: closing it would release the locks of this process.
 */
export function findObstacle(path: string, purpose: Purpose = 'watcher'): Obstacle | undefined {
  if (lacksHandles())
    return {
      reason: 'io_error',
      why: 'this process has too many open files (EMFILE)',
      remedy: 'Raise its limit of open files (ulimit -n, LimitNOFILE= of systemd).',
    };
  const real = existsSync(path) ? realpathSync(path) : path;
  const files = [real, ...['-wal', '-shm', '.lock'].map((suffix) => `${real}${suffix}`)];
  return (
    obstacleAt(dirname(real), true, purpose) ??
    files.map((file) => obstacleAt(file, false, purpose)).find(Boolean)
  );
}

/** Returns why no file can be made at a path; undefined where nothing stands in the way. */
export function findObstacleToNew(path: string): Obstacle | undefined {
  const full = resolve(path);
  return obstacleAt(dirname(existsSync(full) ? realpathSync(full) : full), true, 'new file');
}

function obstacleAt(path: string, isFolder: boolean, purpose: Purpose): Obstacle | undefined {
  let stats: Stats | undefined;
  try {
    stats = statSync(path);
    if (isFolder && !stats.isDirectory()) return unusable(path, 'ENOTDIR', purpose);
    if (!isFolder && !stats.isFile()) return notAFile(path, stats);
    accessSync(path, constants.R_OK | constants.W_OK | (isFolder ? constants.X_OK : 0));
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    switch (code) {
      case 'EROFS':
      case 'EACCES':
      case 'EPERM':
        return {
          reason: 'read_only',
          ...explainRefusal({ path, code, stats, isFolder }, purpose, readSelf()),
        };
      case 'ENOENT':
        return isFolder ? missingFolder(path, purpose) : undefined;
      default:
        return unusable(path, code, purpose);
    }
  }
}

function notAFile(path: string, stats: Stats): Obstacle {
  const what = stats.isDirectory() ? 'a folder' : 'a device, a pipe or a socket';
  return {
    reason: 'damaged',
    why: `${path} is ${what}`,
    remedy: 'Move it away, or set state.path to a file.',
  };
}

/** A folder is made where it is missing, so what matters is the one above it. */
function missingFolder(path: string, purpose: Purpose): Obstacle {
  let there = dirname(path);
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  const above = obstacleAt(there, true, purpose);
  return above === undefined
    ? {
        reason: 'missing',
        why: `the folder ${path} is missing (ENOENT)`,
        remedy: `${purpose === 'new file' ? 'Make it' : 'Put it back'}, ${elsewhere[purpose]}.`,
      }
    : {
        reason: above.reason,
        why: `the folder ${path} is missing and cannot be made: ${above.why}`,
        remedy: makeRemedy(path, purpose, readSelf()),
      };
}

function unusable(path: string, code: string, purpose: Purpose): Obstacle {
  return {
    reason: 'io_error',
    why: `${path} cannot be used (${code})`,
    remedy: `Check this path, ${elsewhere[purpose]}.`,
  };
}

/** Returns whether this process cannot open as many files as a store needs. */
function lacksHandles(): boolean {
  const open: number[] = [];
  try {
    for (let n = 0; n < filesOfStore; n += 1) open.push(openSync('/dev/null', 'r'));
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && ['EMFILE', 'ENFILE'].includes(String(error.code));
  } finally {
    for (const handle of open) closeSync(handle);
  }
}
