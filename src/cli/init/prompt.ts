import { confirm, password, select, input as text } from '@inquirer/prompts';
import { columnsOf, fitted } from '../terminal.ts';

/** Asks questions and shows sentences. Every question rejects with `Interrupted` once the person has left. */
export interface Prompt {
  /** Returns the typed line, trimmed; `usual` if it is empty. */
  ask(question: string, usual?: string): Promise<string>;
  /** Returns the typed line, trimmed, without showing it. */
  askSecretly(question: string): Promise<string>;
  /** Returns whether the answer is yes; `usual` is the meaning of an empty one. */
  confirm(question: string, usual: boolean): Promise<boolean>;
  /** Shows the choices with their meaning, and returns the selected one; `usual` is selected at first. */
  choose<T extends string>(
    question: string,
    choices: Readonly<Record<T, string>>,
    usual: NoInfer<T>,
  ): Promise<T>;
  show(...sentences: readonly string[]): void;
}

/** Ctrl-C, the end of the input, or a signal. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

interface Key {
  readonly name?: string;
  readonly ctrl?: boolean;
}

/** Asks on a terminal until `leaving` is aborted, which Ctrl-C and Ctrl-D do as well. */
export function openTerminal(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number },
  leaving: AbortController,
): Prompt {
  const context = { input, output, signal: leaving.signal };

  // The library leaves a question open forever when its input ends.
  const leaveAtEnd = (_text: string, { ctrl, name }: Key): void => {
    if (ctrl === true && name === 'd') leaving.abort();
  };

  async function answerTo<T>(ask: () => Promise<T>): Promise<T> {
    const answer = ask();
    input.on('keypress', leaveAtEnd);
    try {
      return await answer;
    } catch (error) {
      if (!(error instanceof Error && /^(?:Exit|Abort)PromptError$/.test(error.name))) throw error;
      leaving.abort();
      throw new Interrupted();
    } finally {
      input.off('keypress', leaveAtEnd);
    }
  }

  return {
    ask: async (message, usual = '') =>
      (await answerTo(() => text({ message, default: usual, transformer: hideSecret }, context))).trim() ||
      usual,
    askSecretly: async (message) =>
      (await answerTo(() => password({ message, toggleMask: false }, context))).trim(),
    confirm: (message, usual) => answerTo(() => confirm({ message, default: usual }, context)),
    choose: (message, choices, usual) =>
      answerTo(() => select({ message, choices: listed(choices), default: usual }, context)),
    show: (...sentences) => void output.write(`${fitted(sentences, columnsOf(output))}\n`),
  };
}

/** Hides a secret that is pasted at the wrong question, from its ninth character on: the screen keeps what it shows. */
function hideSecret(typed: string): string {
  return /^\s*(?:[0-9a-f]{8}-|mdb_sa_sk)/i.test(typed) ? '[looks like a secret, not shown]' : typed;
}

function listed<T extends string>(choices: Readonly<Record<T, string>>) {
  const words = Object.keys(choices) as T[];
  const width = Math.max(...words.map(({ length }) => length));
  return words.map((value) => ({ value, name: `${value.padEnd(width)}  ${choices[value]}`, short: value }));
}
