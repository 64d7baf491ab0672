import { statfsSync } from 'node:fs';

/** SQLite's own, "PRAGMA wal_autocheckpoint", SQLite documentation. */
const defaultPages = 1_000;
/** Where there is next to no space, a log that may not hold one commit would be moved with every one. */
const fewestPages = 8;
const pageBytes = 4_096;
/** The log holds every version of a page: left alone on a tiny disk, it takes nearly all of it for very few commits. */
const shareOfFree = 1 / 8;

/** Returns after how many pages in its log the state file takes them over, with so many bytes free on its disk. */
export function logLimitPages(freeBytes: number): number {
  const pages = Math.floor((freeBytes * shareOfFree) / pageBytes);
  return Math.min(defaultPages, Math.max(fewestPages, pages));
}

/** Returns how many bytes are free for this user on the disk of a file; no end of them where that is not told. */
export function freeBytesAt(path: string): number {
  const { blocks, bavail, bsize } = statfsSync(path);
  return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
}
