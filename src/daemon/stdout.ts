import { constants, openSync, writeSync } from 'node:fs';
import type { LineOutput } from '../events/emitter.ts';

const retryEveryMs = 100;

/** The reader is slow, or the disk is full. The same write may succeed later. */
const passingErrors: ReadonlySet<unknown> = new Set([
  'EAGAIN',
  'EBUSY',
  'EINTR',
  'ENOBUFS',
  'ENOSPC',
  'EDQUOT',
]);

/** Standard output for whole lines. A refused line must be offered again before any other. */
export interface StandardOutput extends LineOutput {
  /** Resolves when the reader of standard output is gone. No line is accepted after that. */
  readonly whenClosed: Promise<void>;
  /** Calls back ten times a second while a refused line waits. */
  onRetry(offerAgain: () => void): void;
}

/**
 * Opens standard output for synchronous writes that never block. An accepted line is with the operating system, so even
 * SIGKILL does not lose it. A reader that does not read stops neither polls nor signals. `render` turns a line of JSON
 * into text for people.
 */
export function openStandardOutput(render: (line: string) => string = (line) => line): StandardOutput {
  // Node.js makes a pipe or socket non-blocking when it opens the stream, but not a terminal.
  const fd = process.stdout.isTTY ? openTerminal() : 1;
  /** A line that is partly written. The rest of it is written first. */
  let torn: { readonly line: string; readonly rest: Buffer } | undefined;
  let isGone = false;
  let offerAgain: (() => void) | undefined;
  let retry: NodeJS.Timeout | undefined;
  const { promise, resolve } = Promise.withResolvers<void>();

  /** Writes the rest of a line. Returns whether all of it was written. */
  function put(line: string, bytes: Buffer): boolean {
    const { count, passing } = writeSome(fd, bytes);
    const isWhole = count === bytes.length;
    if (isWhole) torn = undefined;
    else if (count > 0) torn = { line, rest: bytes.subarray(count) };
    if (!isWhole && !passing) {
      isGone = true;
      resolve();
    }
    return isWhole;
  }

  function take(line: string): boolean {
    if (isGone) return false;
    if (torn !== undefined) {
      const { line: former, rest } = torn;
      if (!put(former, rest)) return false;
      // The sink may have dropped the partly written line and offer another.
      if (line === former) return true;
    }
    return put(line, Buffer.from(render(line)));
  }

  return {
    write(line) {
      const isTaken = take(line);
      if (isTaken || isGone) {
        clearInterval(retry);
        retry = undefined;
      } else retry ??= setInterval(() => offerAgain?.(), retryEveryMs).unref();
      return isTaken;
    },
    whenClosed: promise,
    onRetry(callback) {
      offerAgain = callback;
    },
  };
}

function writeSome(fd: number, bytes: Buffer): { count: number; passing: boolean } {
  let count = 0;
  try {
    while (count < bytes.length) count += writeSync(fd, bytes, count);
    return { count, passing: true };
  } catch (error) {
    const passing = error instanceof Error && 'code' in error && passingErrors.has(error.code);
    return { count, passing };
  }
}

/**
 * Opens the terminal on standard output again with O_NONBLOCK, because Ctrl-S blocks writes. The flag applies to this
 * descriptor only, so the shell is not affected. Returns standard output itself if the terminal cannot be opened.
 */
function openTerminal(): number {
  try {
    return openSync('/proc/self/fd/1', constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return 1;
  }
}

const lookEveryMs = 20;

/** Waits until everything is written, the reader of standard output is gone, or the time (in ms) is up. */
export function drain(
  recorder: { readonly delivered: boolean },
  output: Pick<StandardOutput, 'whenClosed'>,
  timeoutMs: number,
): Promise<void> {
  if (recorder.delivered) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearInterval(look);
      clearTimeout(timeout);
      resolve();
    };
    const look = setInterval(() => {
      if (recorder.delivered) end();
    }, lookEveryMs);
    const timeout = setTimeout(end, timeoutMs);
    void output.whenClosed.then(end);
  });
}
