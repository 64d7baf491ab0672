import { fstatSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { styleText } from 'node:util';

/** Sentences that wait for a reader of standard error, in bytes. More are dropped: nobody reads them. */
const maxUnreadBytes = 64 * 1024;

/** Loaded where there is a terminal alone. */
let wrap: ((text: string, columns: number) => readonly string[]) | undefined;

/** Prepares the wrapping of sentences. Without it, a terminal breaks them within words. */
export async function prepareTerminal(): Promise<void> {
  const { stdout, stderr } = process;
  if (stdout.isTTY || stderr.isTTY) wrap = (await import('./text-width.ts')).wrapToWidth;
}

/**
 * Returns lines of text as they fit a terminal: broken between words, and each continued below its own beginning. Where
 * there are several, or one is an item of a list, its continuation is indented further.
 */
export function fitted(lines: readonly string[], columns: number | undefined): string {
  const texts = lines.flatMap((line) => line.split('\n'));
  return texts.map((text) => fittedLine(text, columns, texts.length > 1)).join('\n');
}

const listItem = /^ *(?:\d+\. +|[-•] +)?/;
const hangingIndent = 2;

function fittedLine(text: string, columns: number | undefined, isOfSeveral: boolean): string {
  if (wrap === undefined || columns === undefined) return text;
  const { length: head } = listItem.exec(text)?.[0] ?? '';
  const margin = Math.max(head, isOfSeveral ? hangingIndent : 0);
  if (columns - margin < leastColumns) return text;
  const [first = '', ...rest] = wrap(text.slice(head), columns - margin);
  if (rest.length === 0) return text;
  return text.slice(0, head) + [first, ...rest].join(`\n${' '.repeat(margin)}`);
}

/** In less room than this, the terminal breaks the lines. */
const leastColumns = 20;

/**
 * Writes sentences to standard error, each on its own line and wrapped to the terminal. Standard output is for results
 * only. They may be lost where standard error is full or has no reader; nothing else depends on it.
 */
export function say(...sentences: readonly string[]): void {
  if (sentences.length > 0) sayText(`${fitted(sentences, columnsOf(process.stderr))}\n`);
}

/** Writes sentences that are a result to standard output, each on its own line and wrapped to the terminal. */
export function printSentences(...sentences: readonly string[]): void {
  if (sentences.length > 0) print(fitted(sentences, columnsOf(process.stdout)));
}

/** Writes text to standard error, as `say` does. */
export function sayText(text: string): void {
  const { stderr } = process;
  ignoreErrorsOf(stderr);
  if (stderr.writableLength <= maxUnreadBytes) stderr.write(text);
}

/** Lets a stream fail without ending the process. */
export function ignoreErrorsOf(stream: NodeJS.WritableStream): void {
  if (stream.listenerCount('error') === 0) stream.on('error', () => {});
}

/** What became of the results so far. */
const results: { failure: Error | undefined; written: Promise<void> } = {
  failure: undefined,
  written: Promise.resolve(),
};

/** Writes a result to standard output. `resultFailure` says later whether it could be written. */
export function print(text: string): void {
  if (results.failure !== undefined) return;
  const line = text.endsWith('\n') ? text : `${text}\n`;
  try {
    if (isPipe(1) || process.stdout.isTTY) results.written = send(line);
    else writeAll(1, Buffer.from(line));
  } catch (error) {
    results.failure ??= asError(error);
  }
}

/** Resolves when the results are written, or cannot be, to the reason why they could not be. */
export async function resultFailure(): Promise<Error | undefined> {
  await results.written;
  return results.failure;
}

/** Resolves when standard error has taken all sentences, after `timeoutMs` at the latest. */
export function sentencesWritten(timeoutMs: number): Promise<void> {
  const { stderr } = process;
  if (stderr.writableLength === 0) return Promise.resolve();
  return new Promise((resolve) => {
    setTimeout(resolve, timeoutMs);
    stderr.write('', () => resolve());
  });
}

function send(text: string): Promise<void> {
  ignoreErrorsOf(process.stdout);
  return new Promise((resolve) => {
    process.stdout.write(text, (error) => {
      if (error instanceof Error) results.failure ??= error;
      resolve();
    });
  });
}

/** Node's stream for files writes once, and takes a part for the whole. */
function writeAll(fd: number, bytes: Buffer): void {
  for (let count = 0; count < bytes.length; ) count += writeSync(fd, bytes, count);
}

function isPipe(fd: number): boolean {
  const stats = fstatSync(fd);
  return stats.isFIFO() || stats.isSocket();
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Resolves when what is printed has been taken: until then it is in memory. Call it between the parts of a long result. */
export async function printed(): Promise<void> {
  await results.written;
  await setImmediate();
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
