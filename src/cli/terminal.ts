import { styleText } from 'node:util';

/** Writes sentences for people to standard error, one a line. Standard output is for results alone. */
export function say(...sentences: readonly string[]): void {
  for (const sentence of sentences) process.stderr.write(`${sentence}\n`);
}

/** Writes a result to standard output. A reader that has seen enough, as head has, ends the program quietly. */
export function print(text: string): void {
  if (process.stdout.listenerCount('error') === 0) process.stdout.once('error', () => process.exit());
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Returns whether to write colours to this stream: only to a terminal, and never with NO_COLOR (no-color.org). */
export function wantsColour(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true && !process.env.NO_COLOR;
}

/** Returns how many columns a terminal has; undefined where there is none, or it does not know. */
export function columnsOf(stream: {
  readonly isTTY?: boolean;
  readonly columns?: number;
}): number | undefined {
  return stream.isTTY === true && stream.columns !== undefined && stream.columns > 0
    ? stream.columns
    : undefined;
}

export type Style = 'bold' | 'red' | 'yellow' | 'green' | 'cyan' | 'gray';

/** Returns the text in this style, or as it is where no colour is wanted. */
export function paint(colour: boolean, style: Style | undefined, text: string): string {
  return colour && style !== undefined ? styleText(style, text, { validateStream: false }) : text;
}
