import { Worker } from 'node:worker_threads';
import { inputOf } from './mutate.ts';
import type { Target } from './target.ts';
import type { Order, Word } from './worker.ts';

export interface FuzzResult {
  readonly inputs: number;
  readonly slowestMs: number;
  readonly slowest: number;
  /** What the program did with an input, and how to see it again. */
  readonly failure?: string;
}

/** An input that takes longer than this hangs. */
const hangMs = 20_000;
const maxShown = 2_000;

/** Feeds inputs to a target, in a thread of its own that can be ended when it hangs. */
export async function fuzz(order: Order): Promise<FuzzResult> {
  const { name, seed } = order;
  const { target } = (await import(`./targets/${name}.ts`)) as { readonly target: Target };
  return await new Promise((resolve) => {
    let [next, failed] = [order.from, ''];
    const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: order });
    const watchdog = setTimeout(() => fail('It hangs.'), hangMs);
    const end = (result: FuzzResult): void => {
      clearTimeout(watchdog);
      void worker.terminate();
      resolve(result);
    };
    const fail = (what: string): void => {
      const input = JSON.stringify(inputOf(target, seed, next));
      const shown = input.length > maxShown ? `${input.slice(0, maxShown)}... [cut]` : input;
      const again = `npm run fuzz -- ${name} --seed ${seed} --from ${next} --count 1`;
      const failure = `${what}\nInput: ${shown}\nAgain: ${again}`;
      end({ inputs: next - order.from, slowestMs: 0, slowest: next, failure });
    };
    worker.on('message', (word: Word) => {
      watchdog.refresh();
      if ('next' in word) next = word.next;
      else if ('failed' in word) failed = word.failed;
      else if (failed !== '') fail(failed);
      else end({ inputs: word.done, slowestMs: word.slowestMs, slowest: word.slowest });
    });
    worker.on('error', (error) => fail(`It crashes: ${String(error)}`));
    worker.on('exit', (code) => fail(`It ends the program with exit code ${code}.`));
  });
}
