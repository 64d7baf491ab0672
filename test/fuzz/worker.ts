import { parentPort, workerData } from 'node:worker_threads';
import { inputOf } from './mutate.ts';
import type { Opened, Target, TargetName } from './target.ts';

/** What to fuzz, and for how long. */
export interface Order {
  readonly name: TargetName;
  readonly seed: number;
  readonly from: number;
  readonly count: number;
  readonly seconds: number;
}

/** What the worker says: which input is next, and how it ended. */
export type Word =
  | { readonly next: number }
  | { readonly failed: string }
  | { readonly done: number; readonly slowestMs: number; readonly slowest: number };

/** Longest time of the processor for one input, as a busy machine takes longer. An input that is too slow gets more tries. */
const limitMs = 250;
const tries = 4;

const order: Order = workerData;
const say = (word: Word): void => parentPort?.postMessage(word, []);
const { name, seed, from, count, seconds } = order;
const { target } = (await import(`./targets/${name}.ts`)) as { readonly target: Target };
const opened = await target.open();
const endsAt = performance.now() + seconds * 1_000;
let [index, slowestMs, slowest] = [from, 0, from];
for (; index < from + count && performance.now() < endsAt; index += 1) {
  say({ next: index });
  try {
    const tookMs = await leastTime(opened, inputOf(target, seed, index));
    if (tookMs > limitMs) throw new Error(`It takes ${Math.round(tookMs)} ms; ${limitMs} are the most.`);
    if (tookMs > slowestMs) [slowestMs, slowest] = [tookMs, index];
  } catch (error) {
    const failed = error instanceof Error ? (error.stack ?? error.message) : String(error);
    say({ failed });
    break;
  }
}
await opened.close?.();
say({ done: index - from, slowestMs, slowest });

async function leastTime(fed: Opened, input: string): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let left = tries; left > 0 && least > limitMs; left -= 1) {
    const begun = process.threadCpuUsage();
    await fed.run(input);
    const { user, system } = process.threadCpuUsage(begun);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
}
