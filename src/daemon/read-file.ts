import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { UnreadableFile } from '../config/unreadable-file.ts';

/** How long to wait, in ms: for a file, which a slow disk or a lost mount delays, and for the writer of a pipe. */
export interface Patience {
  readonly fileMs: number;
  readonly pipeMs: number;
}

export const patience = {
  /**
   * At the start nothing else waits, and a signal ends it. The disk of a machine that boots is slow, and a person may
   * have to type a passphrase before the writer of a pipe begins.
   */
  start: { fileMs: Number.POSITIVE_INFINITY, pipeMs: 60_000 },
  /** Later reloads, and new credentials, wait behind this one. */
  running: { fileMs: 30_000, pipeMs: 5_000 },
} as const satisfies Readonly<Record<string, Patience>>;

export interface FileReader {
  /** Returns the text of a file. Rejects with a `code` as node:fs does, or with an {@link UnreadableFile}. */
  readonly readText: (path: string, wait?: Patience) => Promise<string>;
  /** As `readText`, for regular files alone: nothing is taken out of a pipe. Undefined for a pipe or a device. */
  readonly readRegular: (path: string, wait?: Patience) => Promise<string | undefined>;
  /** Returns the mode of a file; rejects as `readText` does. */
  readonly stat: (path: string, wait?: Patience) => Promise<{ readonly mode: number }>;
  /** Runs an operation of the file system after those before it. Rejects after `timeoutMs`. */
  readonly inTurn: <Result>(work: () => Promise<Result>, timeoutMs: number) => Promise<Result>;
}

/** More would fill memory. */
const usualMaxBytes = 16 * 1024 * 1024;
const chunkBytes = 64 * 1024;
const lookEveryMs = 20;

/**
 * Returns a reader that no file blocks. Opening a pipe would wait for its writer, in a thread that nothing can cancel:
 * here, pipes are opened without waiting, and looked at until the time is up. A mount that hangs does keep a thread. So
 * there is one operation at a time, and while it hangs, all others reject when their time is up.
 */
export function createFileReader(maxBytes = usualMaxBytes): FileReader {
  /** Pipes and devices that were read. */
  const used = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();

  async function inTurn<Result>(
    work: () => Promise<Result>,
    timeoutMs: number,
    undo: (late: Result) => unknown = () => {},
  ): Promise<Result> {
    const result = last.then(work);
    last = result.catch(() => {});
    const ended = new AbortController();
    const timeout = lateAfter(timeoutMs, ended.signal);
    try {
      const first = await Promise.race([result, timeout]);
      if (first !== 'late') return first;
    } finally {
      ended.abort();
    }
    void result.then(undo).catch(() => {});
    throw new UnreadableFile(
      `does not answer within ${timeoutMs / 1000} s. Check that its disk or mount works.`,
    );
  }

  /** Returns the text; undefined for what is not a regular file, if only such are wanted. */
  async function read(
    path: string,
    { fileMs, pipeMs }: Patience,
    onlyRegular: boolean,
  ): Promise<string | undefined> {
    const stats = await inTurn(() => stat(path), fileMs);
    const isPlain = stats.isFile() || stats.isDirectory();
    const identity = `${stats.dev}:${stats.ino}`;
    if (!isPlain && onlyRegular) return undefined;
    if (!isPlain && used.has(identity))
      throw new UnreadableFile(
        'is no regular file, and can be read only once. Restart cutover-watch to read it again, or use a regular file.',
      );
    // O_NONBLOCK changes nothing for regular files.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
    const file = await inTurn(
      () => open(path, flags),
      fileMs,
      (late) => late.close(),
    );
    try {
      if (isPlain) return await readAll(file, { isPipe: false, fileMs, waitMs: fileMs });
      const text = await readAll(file, { isPipe: stats.isFIFO(), fileMs, waitMs: pipeMs });
      used.add(identity);
      return text;
    } finally {
      void inTurn(() => file.close(), fileMs).catch(() => {});
    }
  }

  async function readAll(
    file: FileHandle,
    {
      isPipe,
      fileMs,
      waitMs,
    }: { readonly isPipe: boolean; readonly fileMs: number; readonly waitMs: number },
  ): Promise<string> {
    const until = performance.now() + waitMs;
    const chunks: Buffer[] = [];
    for (let size = 0; ; ) {
      const chunk = await inTurn(() => readSome(file), fileMs);
      // The end of a pipe looks like a pipe whose writer has not opened it yet.
      const isEnd = chunk !== undefined && chunk.length === 0 && (!isPipe || size > 0);
      if (isEnd) return Buffer.concat(chunks).toString('utf8');
      if (performance.now() >= until) throw new UnreadableFile(whyLate(isPipe, size, waitMs));
      if (chunk === undefined || chunk.length === 0) await delay(lookEveryMs);
      else {
        chunks.push(chunk);
        size += chunk.length;
        if (size > maxBytes)
          throw new UnreadableFile(`has more than ${maxBytes / 1024 / 1024} MiB. Name the right file.`);
      }
    }
  }

  return {
    readText: async (path, wait = patience.running) => (await read(path, wait, false)) ?? '',
    readRegular: (path, wait = patience.running) => read(path, wait, true),
    stat: (path, { fileMs } = patience.running) => inTurn(() => stat(path), fileMs),
    inTurn,
  };
}

/** The files of this process: what can be read only once is the same for all that read. */
export const files = createFileReader();

/** What is ready by then is not late: the process may have been suspended. */
async function lateAfter(ms: number, signal: AbortSignal): Promise<'late'> {
  try {
    // No timer is that long.
    if (!Number.isFinite(ms)) return await new Promise(() => {});
    await delay(ms, undefined, { signal, ref: false });
    await nextTurn();
  } catch {
    // Nobody waits for it any more.
  }
  return 'late';
}

function whyLate(isPipe: boolean, size: number, waitMs: number): string {
  if (!isPipe) return `was not read within ${waitMs / 1000} s. Check that its disk or mount works.`;
  return size > 0
    ? 'is a pipe whose writer does not close it. Let the writer end, or use a regular file.'
    : 'is a pipe that nobody writes to. Start its writer first, or use a regular file.';
}

/** Returns what can be read now: empty at the end, undefined when there may be more later. */
async function readSome(file: FileHandle): Promise<Buffer | undefined> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  try {
    const { bytesRead } = await file.read(buffer, 0, chunkBytes, null);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined;
    throw error;
  }
}
