import { constants, openSync, writeSync } from 'node:fs';
import type { LineOutput } from '../events/emitter.ts';
import type { Ledger } from '../watch/ledger.ts';

const retryEveryMs = 100;

/** The reader is only slow, or the disk behind a redirection is full: what cannot be written now can be later. */
const passingErrors: ReadonlySet<unknown> = new Set([
  'EAGAIN',
  'EBUSY',
  'EINTR',
  'ENOBUFS',
  'ENOSPC',
  'EDQUOT',
]);

/**
 * Standard output as a place for whole lines. `closed` is true while it takes none: for good when its reader has
 * gone away, for a time when its reader does not read. A line that was refused may be offered again.
 */
export interface StandardOutput extends LineOutput {
  /** Resolves when the reader of standard output has gone away. */
  readonly whenClosed: Promise<void>;
  /** Calls back whenever lines may be taken again after some were refused. */
  onWritable(resume: () => void): void;
}

/**
 * Opens standard output for synchronous writes that never wait: a line is with the operating system when `write`
 * returns and `closed` is false, so that not even SIGKILL loses what was said; and a reader that does not read
 * stops neither polls nor signals, as it would if the write waited for it. `render` turns a line of JSON into what
 * people read.
 */
export function openStandardOutput(render: (line: string) => string = (line) => line): StandardOutput {
  // Node.js makes a pipe or socket non-blocking when it opens the stream for it, but not a terminal.
  const fd = process.stdout.isTTY ? openTerminal() : 1;
  let state: 'open' | 'full' | 'gone' = 'open';
  /** What could only be written in part; the rest goes before anything else. */
  let torn: { readonly line: string; readonly rest: Buffer } | undefined;
  /** The line whose rest was written behind the back of who offered it. */
  let completed: string | undefined;
  let resume: (() => void) | undefined;
  let retry: NodeJS.Timeout | undefined;
  const { promise, resolve } = Promise.withResolvers<void>();

  function put(line: string, bytes: Buffer): void {
    const { count, passing } = writeSome(fd, bytes);
    if (count < bytes.length && !passing) {
      state = 'gone';
      resolve();
      return;
    }
    const whole = count === bytes.length;
    torn = whole || (count === 0 && torn === undefined) ? undefined : { line, rest: bytes.subarray(count) };
    state = whole ? 'open' : 'full';
    if (!whole) retry ??= setInterval(tryAgain, retryEveryMs).unref();
  }

  function completeTorn(): void {
    if (torn === undefined) return;
    const { line, rest } = torn;
    put(line, rest);
    if (state === 'open') completed = line;
  }

  function tryAgain(): void {
    completeTorn();
    if (torn === undefined && state !== 'gone') {
      state = 'open';
      resume?.();
    }
    if (state === 'full') return;
    clearInterval(retry);
    retry = undefined;
  }

  return {
    get closed() {
      return state !== 'open';
    },
    write(line) {
      completeTorn();
      if (state === 'gone' || torn !== undefined) return;
      const known = line === completed;
      completed = undefined;
      if (known) state = 'open';
      else put(line, Buffer.from(render(line)));
    },
    whenClosed: promise,
    onWritable(callback) {
      resume = callback;
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
 * Opens the terminal on standard output once more, as one that never waits: Ctrl-S stops it. The flag is of this
 * opening alone, so that the shell keeps its own. Returns standard output itself where the system cannot do so.
 */
function openTerminal(): number {
  try {
    return openSync('/proc/self/fd/1', constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return 1;
  }
}

const lookEveryMs = 20;

/** Waits until everything is written, the reader of standard output is gone, or the time (in ms) has run out. */
export function drain(
  ledger: Pick<Ledger, 'delivered'>,
  output: Pick<StandardOutput, 'whenClosed'>,
  timeoutMs: number,
): Promise<void> {
  if (ledger.delivered) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearInterval(look);
      clearTimeout(timeout);
      resolve();
    };
    const look = setInterval(() => {
      if (ledger.delivered) end();
    }, lookEveryMs);
    const timeout = setTimeout(end, timeoutMs);
    void output.whenClosed.then(end);
  });
}
