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
import { dirname } from 'node:path';
import type { StateFaultReason } from '../store.ts';

/** Why a state file cannot be opened, and what to do: a clause and a sentence. */
export interface Obstacle {
  readonly reason: StateFaultReason;
  readonly why: string;
  readonly remedy: string;
}

/** Files that a store has open. */
const filesOfStore = 8;
const elsewhere = 'or set state.path to another place';

/**
 * Returns why a state file cannot be opened for writing; undefined where nothing stands in the way. SQLite reports one
 * code for all of it. No file of the store is opened for this: closing it would release the locks of this process.
 */
export function findObstacle(path: string): Obstacle | undefined {
  if (lacksHandles())
    return {
      reason: 'io_error',
      why: 'this process has too many open files (EMFILE)',
      remedy: 'Raise its limit of open files (ulimit -n, LimitNOFILE= of systemd).',
    };
  const real = existsSync(path) ? realpathSync(path) : path;
  const files = [real, ...['-wal', '-shm', '.lock'].map((suffix) => `${real}${suffix}`)];
  return obstacleAt(dirname(real), true) ?? files.map((file) => obstacleAt(file, false)).find(Boolean);
}

function obstacleAt(path: string, isFolder: boolean): Obstacle | undefined {
  let stats: Stats | undefined;
  try {
    stats = statSync(path);
    if (isFolder && !stats.isDirectory()) return refusedAccess(path, 'ENOTDIR', stats);
    if (!isFolder && !stats.isFile()) return notAFile(path, stats);
    accessSync(path, constants.R_OK | constants.W_OK | (isFolder ? constants.X_OK : 0));
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return code === 'ENOENT' && !isFolder ? undefined : refusedAccess(path, code, stats);
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

function refusedAccess(path: string, code: string, stats: Stats | undefined): Obstacle {
  switch (code) {
    case 'EROFS':
      return {
        reason: 'read_only',
        why: `${path} is on a file system that is mounted read-only (${code})`,
        remedy: `Mount it with write access, ${elsewhere}.`,
      };
    case 'EACCES':
    case 'EPERM':
      return {
        reason: 'read_only',
        why: `no write access to ${path} (${code})${ownersOf(stats)}`,
        remedy: `Give the user of this process write access to the file and to its folder, ${elsewhere}.`,
      };
    case 'ENOENT':
      return {
        reason: 'missing',
        why: `the folder ${path} is missing (${code})`,
        remedy: `Put it back, ${elsewhere}.`,
      };
    default:
      return {
        reason: 'io_error',
        why: `${path} cannot be used (${code})`,
        remedy: `Check this path, ${elsewhere}.`,
      };
  }
}

/** In a container, nobody knows the user ids by heart. */
function ownersOf(stats: Stats | undefined): string {
  const user = process.geteuid?.();
  const self = user === undefined ? '' : `; this process runs as user ${user}, group ${process.getegid?.()}`;
  if (stats === undefined) return self;
  const mode = (stats.mode & 0o7777).toString(8);
  return `${self}; it belongs to user ${stats.uid}, group ${stats.gid}, mode ${mode}`;
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
