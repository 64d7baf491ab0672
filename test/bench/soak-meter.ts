import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { quantile } from './report.ts';

/** What was measured in one tenth of the run. */
export interface TenthReport {
  readonly polls: number;
  readonly seconds: number;
  readonly pollsPerSecond: number;
  /** After garbage collection, with no poll under way: the median of the tenth. */
  readonly heapMb: number;
  readonly residentMb: number;
  readonly descriptors: number;
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
  /** The same of the other process. */
  readonly otherLoopMaxMs: number;
}

interface Glance {
  readonly heapMb: number;
  readonly residentMb: number;
  readonly descriptors: number;
}

interface Tenth {
  polls: number;
  seconds: number;
  otherLoopMaxMs: number;
  readonly glances: Glance[];
  readonly loop: ReturnType<typeof monitorEventLoopDelay>;
}

const megabyte = 2 ** 20;
const loopResolutionMs = 5;

/** Looks at heap, descriptors and event loop of this process, tenth by tenth of the run. Needs --expose-gc. */
export class SoakMeter {
  readonly #tenths: Tenth[] = [];
  #polls = 0;
  #progress = 0;
  #since = performance.now();

  constructor() {
    this.#current();
  }

  /**
   * Call it while no poll is under way, with the polls made so far, how much of the run is done, from 0 to 1, and how
   * long the loop of the other process was held up at most since the call before. What it takes itself is not counted.
   */
  async measure(polls: number, progress: number, otherLoopMaxMs: number): Promise<void> {
    const tenth = this.#current();
    tenth.loop.disable();
    tenth.polls += polls - this.#polls;
    tenth.otherLoopMaxMs = Math.max(tenth.otherLoopMaxMs, otherLoopMaxMs);
    tenth.seconds += (performance.now() - this.#since) / 1000;
    this.#polls = polls;
    this.#progress = progress;
    await collectGarbage();
    const { heapUsed, rss } = process.memoryUsage();
    tenth.glances.push({
      heapMb: heapUsed / megabyte,
      residentMb: rss / megabyte,
      descriptors: readdirSync('/proc/self/fd').length,
    });
    this.#since = performance.now();
    this.#current().loop.enable();
  }

  report(): readonly TenthReport[] {
    const measured = this.#tenths.filter(({ glances }) => glances.length > 0);
    return measured.map(({ polls, seconds, otherLoopMaxMs, glances, loop }) => {
      const median = (key: keyof Glance): number =>
        quantile(
          glances.map((glance) => glance[key]),
          0.5,
        );
      return {
        polls,
        seconds,
        pollsPerSecond: polls / seconds,
        heapMb: median('heapMb'),
        residentMb: median('residentMb'),
        descriptors: median('descriptors'),
        loopP99Ms: loop.percentile(99) / 1e6,
        loopMaxMs: loop.max / 1e6,
        otherLoopMaxMs,
      };
    });
  }

  #current(): Tenth {
    const index = Math.min(9, Math.floor(this.#progress * 10));
    const known = this.#tenths[index];
    if (known !== undefined) return known;
    const loop = monitorEventLoopDelay({ resolution: loopResolutionMs });
    const tenth: Tenth = { polls: 0, seconds: 0, otherLoopMaxMs: 0, glances: [], loop };
    this.#tenths[index] = tenth;
    loop.enable();
    return tenth;
  }
}

/** Twice, with turns of the event loop between: what is finalized in one round is freed in the next. */
async function collectGarbage(): Promise<void> {
  if (globalThis.gc === undefined) throw new Error('Start it with --expose-gc, as npm run soak does.');
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc();
    await setImmediate();
  }
}
