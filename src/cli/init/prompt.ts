import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** What the questions are asked through. Every method rejects with `Interrupted` once nobody will answer any more. */
export interface Prompt {
  /** Returns the next line, trimmed; `usual` where it is empty. */
  ask(question: string, usual?: string): Promise<string>;
  /** Returns the next line, trimmed, which is not shown. */
  askSecretly(question: string): Promise<string>;
  tell(...sentences: readonly string[]): void;
}

/** Ctrl-C, the end of the input, or a signal. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

export interface Terminal extends Prompt {
  /** Gives the terminal back as it was. */
  close(): void;
}

type Input = NodeJS.ReadStream;
type Output = NodeJS.WriteStream;

/** Asks on a terminal until the signal says that it is over; `onLeave` is told when the person wants it to be. */
export function openTerminal(
  input: Input,
  output: Output,
  { interrupted, onLeave }: { readonly interrupted: AbortSignal; readonly onLeave: () => void },
): Terminal {
  const screen = new Screen(output);
  const lines = createInterface({ input, output: screen, terminal: true, historySize: 0 });
  // What was pasted or typed ahead answers the questions to come.
  const ahead: string[] = [];
  let waiting: PromiseWithResolvers<string> | undefined;
  lines.on('line', (line) => {
    if (waiting === undefined) ahead.push(line);
    else waiting.resolve(line);
    waiting = undefined;
  });
  const leave = (): void => {
    if (!interrupted.aborted) screen.show('\n');
    onLeave();
  };
  lines.on('SIGINT', leave).on('close', leave);
  interrupted.addEventListener('abort', () => waiting?.reject(new Interrupted()), { once: true });

  async function next(question: string): Promise<string> {
    if (interrupted.aborted) throw new Interrupted();
    const line = ahead.shift();
    if (line !== undefined) {
      screen.write(`${question}${line}\n`);
      return line.trim();
    }
    const answer = Promise.withResolvers<string>();
    waiting = answer;
    lines.setPrompt(question);
    lines.prompt();
    return (await answer.promise).trim();
  }

  return {
    ask: async (question, usual) =>
      (await next(`${question}${usual === undefined ? '' : ` [${usual}]`}: `)) || (usual ?? ''),
    async askSecretly(question) {
      screen.show(`${question} (not shown): `);
      screen.hidden = true;
      try {
        return await next('');
      } finally {
        screen.hidden = false;
        screen.show('\n');
      }
    },
    tell: (...sentences) => screen.show(sentences.map((sentence) => `${sentence}\n`).join('')),
    close() {
      lines.off('close', leave).close();
      input.unref();
    },
  };
}

/** A terminal on which what readline echoes can be hidden. */
class Screen extends Writable {
  hidden = false;
  readonly #output: Output;

  constructor(output: Output) {
    super({ decodeStrings: false });
    this.#output = output;
    // readline follows the width from here.
    output.on('resize', () => this.emit('resize'));
  }

  get columns(): number {
    return this.#output.columns;
  }

  show(text: string): void {
    this.#output.write(text);
  }

  override _write(text: string, _encoding: BufferEncoding, done: () => void): void {
    if (!this.hidden) this.#output.write(text);
    done();
  }
}
