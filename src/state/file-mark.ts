import { statSync } from 'node:fs';

/** What tells a state file and its log from others that take their place, and whether somebody wrote to it. */
export interface StoreMark {
  readonly file: string;
  /** The identity of the write-ahead log, which is there as long as the file is open and nobody takes it away. */
  readonly log: string;
  readonly size: bigint;
  readonly modifiedNs: bigint;
}

/** Returns what tells one file from another that takes its place; undefined where there is none. */
export function fileIdentity(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? undefined : `${stats.dev}:${stats.ino}`;
}

/** Returns the mark of an open state file; undefined where the file or its log is missing. */
export function storeMark(path: string): StoreMark | undefined {
  const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
  const log = fileIdentity(`${path}-wal`);
  if (stats === undefined || log === undefined) return undefined;
  return { file: `${stats.dev}:${stats.ino}`, log, size: stats.size, modifiedNs: stats.mtimeNs };
}
