import { setImmediate } from 'node:timers/promises';
import { styleText } from 'node:util';

/** Writes sentences to standard error, one per line. Standard output is for results only. */
export function say(...sentences: readonly string[]): void {
  for (const sentence of sentences) process.stderr.write(`${sentence}\n`);
}

/** Writes a result to standard output. If the reader closes the pipe, as `head` does, the program exits quietly. */
export function print(text: string): void {
  if (process.stdout.listenerCount('error') === 0) process.stdout.once('error', () => process.exit());
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Resolves when what is printed has been taken: until then it is in memory. Call it between the parts of a long result. */
export async function printed(): Promise<void> {
  const { stdout } = process;
  if (!stdout.writableNeedDrain) return setImmediate();
  await new Promise<void>((resolve) => {
    const done = (): void => {
      stdout.off('drain', done).off('close', done);
      resolve();
    };
    stdout.on('drain', done).on('close', done);
  });
}

/** Returns whether to write colors to this stream: only to a terminal, and never with NO_COLOR (no-color.org). */
export function wantsColor(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true && !process.env.NO_COLOR;
}

/** Returns the width of a terminal in columns; undefined if there is no terminal, or it does not know. */
export function columnsOf(stream: {
  readonly isTTY?: boolean;
  readonly columns?: number;
}): number | undefined {
  return stream.isTTY === true && stream.columns !== undefined && stream.columns > 0
    ? stream.columns
    : undefined;
}

export type Style = 'bold' | 'red' | 'yellow' | 'green' | 'cyan' | 'gray';

/** Returns the text in this style, or unchanged if no color is wanted. */
export function paint(color: boolean, style: Style | undefined, text: string): string {
  return color && style !== undefined ? styleText(style, text, { validateStream: false }) : text;
}
