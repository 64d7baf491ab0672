import { pino } from 'pino';
import type { LineOutput } from '../events/emitter.ts';

/** Standard output as a place for whole lines. */
export interface StandardOutput extends LineOutput {
  /** Resolves when the reader of standard output has gone away. */
  readonly whenClosed: Promise<void>;
}

/**
 * Opens standard output for synchronous writes: a line is with the operating system when `write` returns, so
 * that not even SIGKILL loses what was said. `render` turns a line of JSON into what people read.
 */
export function openStandardOutput(render: (line: string) => string = (line) => line): StandardOutput {
  const stream = pino.destination({ dest: 1, sync: true });
  let closed = false;
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.on('error', () => {
    closed = true;
    resolve();
  });
  return {
    get closed() {
      return closed;
    },
    write(line) {
      if (!closed) stream.write(render(line));
    },
    whenClosed: promise,
  };
}
