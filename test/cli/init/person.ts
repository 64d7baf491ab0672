import { Interrupted, type Prompt } from '../../../src/cli/init/prompt.ts';

/** Somebody who gives these answers one after another and then leaves; `told` keeps questions and sentences. */
export function person(...answers: readonly string[]): Prompt & { readonly told: readonly string[] } {
  const left = [...answers];
  const told: string[] = [];
  const next = (question: string): Promise<string> => {
    told.push(question);
    const answer = left.shift();
    return answer === undefined ? Promise.reject(new Interrupted()) : Promise.resolve(answer);
  };
  return {
    told,
    ask: async (question, usual = '') => (await next(question)) || usual,
    askSecretly: next,
    tell: (...sentences) => void told.push(...sentences),
  };
}
