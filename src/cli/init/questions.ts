import type { Prompt } from './prompt.ts';

/** Asks until the answer is yes or no; `usual` is what an empty one means. */
export async function confirm(prompt: Prompt, question: string, usual: boolean): Promise<boolean> {
  for (;;) {
    const answer = (await prompt.ask(`${question} (y/n)`, usual ? 'y' : 'n')).toLowerCase();
    if (['y', 'yes'].includes(answer)) return true;
    if (['n', 'no'].includes(answer)) return false;
    prompt.tell('Answer y or n.');
  }
}

/** Shows the choices with what they mean, and asks until one of them, or its beginning, is given. */
export async function choose<T extends string>(
  prompt: Prompt,
  question: string,
  choices: Readonly<Record<T, string>>,
  usual: NoInfer<T>,
): Promise<T> {
  const words = Object.keys(choices) as T[];
  const width = Math.max(...words.map(({ length }) => length));
  prompt.tell(...words.map((word) => `  ${word.padEnd(width)}  ${choices[word]}`));
  for (;;) {
    const answer = (await prompt.ask(question, usual)).toLowerCase();
    const chosen = words.filter((word) => word.startsWith(answer));
    if (chosen.length === 1 && chosen[0] !== undefined) return chosen[0];
    prompt.tell(`Answer ${words.slice(0, -1).join(', ')} or ${words.at(-1)}.`);
  }
}
