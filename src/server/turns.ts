import { setImmediate } from 'node:timers/promises';

/** The event loop accepts one connection a round, so that a probe may be behind as many as there are. Takes under a ms. */
const rounds = 64;

/**
 * Runs heavy work one piece at a time, with rounds of the event loop in between. However many requests there are, a
 * health probe waits for a few pieces at most.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Resolves or rejects as the work does, once it is its turn. */
  take<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    const result = this.#last.then(letOthersRun).then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}

async function letOthersRun(): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await setImmediate();
}
