import { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/watch/schedule/poller.ts';

/** Turns of the event loop in which all that a step makes due is done, commits included. */
const turnsPerStep = 3;

/**
 * Time that passes in steps, for the clocks and the timers of this process. Nothing that a step makes due may wait for
 * anything but timers and turns of the event loop. One instance a process.
 */
export class VirtualTime implements Clock {
  #now: number;

  /** Begins at this moment, in ms since 1970. */
  constructor(start: number) {
    this.#now = start;
    mock.timers.enable({ apis: ['setTimeout'] });
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  /** Lets one step of time pass, and resolves when all that it makes due is done. */
  async step(ms: number): Promise<void> {
    this.#now += ms;
    mock.timers.tick(ms);
    for (let turn = 0; turn < turnsPerStep; turn += 1) await setImmediate();
  }

  /** Gives the timers back to the process. */
  end(): void {
    mock.timers.reset();
  }
}
