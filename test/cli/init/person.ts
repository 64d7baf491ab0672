import { Interrupted, type Prompt } from '../../../src/cli/init/prompt.ts';

/** Somebody who gives these answers one after another and then leaves; `shown` keeps questions and sentences. */
export function person(...answers: readonly string[]): Prompt & { readonly shown: readonly string[] } {
  const left = [...answers];
  const shown: string[] = [];
  const next = (question: string): Promise<string> => {
    shown.push(question);
    const answer = left.shift();
    return answer === undefined ? Promise.reject(new Interrupted()) : Promise.resolve(answer);
  };
  return {
    shown,
    ask: async (question, usual = '') => (await next(question)) || usual,
    askSecretly: next,
    confirm: async (question, usual) => ((await next(question)) || (usual ? 'y' : 'n')) === 'y',
    choose: async (question, choices, usual) => {
      const answer = (await next(question)) || usual;
      const chosen = (Object.keys(choices) as (typeof usual)[]).find((word) => word === answer);
      if (chosen === undefined) throw new Error(`${answer} is no choice of: ${question}`);
      return chosen;
    },
    show: (...sentences) => void shown.push(...sentences),
  };
}
