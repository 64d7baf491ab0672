import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { UnreadableFile } from '../config/unreadable-file.ts';
import type { IncludeReader } from './included-files.ts';
import { files } from './read-file.ts';

/** The files of a configuration, as they were when it was loaded. */
export interface WatchedFiles {
  readonly path: string;
  readonly content: string;
  readonly included: Pick<IncludeReader, 'fingerprint' | 'loaded'>;
}

/** A file that is being written is looked at again after this time, so often at most. */
const settleMs = 300;
const settleLooks = 10;

/**
 * Calls back when the content of a file changes, or that of those it includes; at first the file is compared with
 * `content`. Checks now and every `everyMs`, and a change once more, so that a file that is being written is whole.
 * Returns a function that stops this. It compares content and not times or inodes, so it also works with
 * mounted folders that are swapped by symbolic links. An unreadable file counts as changed content. A pipe can be
 * read only once, so only regular files are checked.
 */
export function watchFiles(
  { path, content, included }: WatchedFiles,
  everyMs: number,
  onChange: () => void,
): () => void {
  let known = fingerprint(content);
  /** What was found of the included files at the latest call. A load makes it old. */
  let reported: string | undefined;
  let looking = false;
  let stopped = false;

  const find = async (): Promise<Found> => ({
    main: (await checkResult(path)) ?? known,
    others: await included.fingerprint(),
  });
  const isKnown = ({ main, others }: Found): boolean =>
    main === known && (others === included.loaded || others === reported);

  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      const first = await find();
      if (isKnown(first)) return;
      const current = await settled(first, find);
      if (stopped || isKnown(current)) return;
      known = current.main;
      reported = current.others;
      onChange();
    } finally {
      looking = false;
    }
  };
  void look();
  const timer = setInterval(() => void look(), everyMs);
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}

/** What the main file and those it includes contain, in a few characters. */
interface Found {
  readonly main: string;
  readonly others: string;
}

/** Looks again until nothing changes. */
async function settled(first: Found, find: () => Promise<Found>): Promise<Found> {
  let current = first;
  for (let looks = 0; looks < settleLooks; looks += 1) {
    await delay(settleMs, undefined, { ref: false });
    const next = await find();
    if (next.main === current.main && next.others === current.others) return next;
    current = next;
  }
  return current;
}

async function checkResult(path: string): Promise<string | undefined> {
  try {
    const text = await files.readRegular(path);
    return text === undefined ? undefined : fingerprint(text);
  } catch (error) {
    if (error instanceof UnreadableFile) return error.message;
    return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
  }
}

function fingerprint(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
