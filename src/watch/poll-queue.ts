/** One poll waiting for its turn. */
interface Waiting<Job> {
  readonly job: Job;
  readonly notBefore: number;
  readonly done: () => void;
}

export interface PollQueueOptions<Job> {
  /** How many may run at once. */
  readonly concurrency: () => number;
  /** Monotonic clock, in ms. */
  readonly monotonic: () => number;
  /** Jobs of one lane start in the order of their times, and none of them while its lane has to wait. */
  readonly laneOf: (job: Job) => string;
  /** How long the lane has to wait for its next start, in ms. */
  readonly laneWaitMs: (lane: string) => number;
  /** Must not throw. What it spends of its lane before it first waits counts for the jobs behind it. */
  readonly run: (job: Job) => Promise<void>;
}

/** Starts jobs not before their time, at most `concurrency` at once, and as their lane allows. */
export class PollQueue<Job> {
  readonly #options: PollQueueOptions<Job>;
  readonly #lanes = new Map<string, Waiting<Job>[]>();
  /** What is under way, oldest first, and when it began. */
  readonly #running = new Map<Promise<void>, number>();
  #nextStartAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PollQueueOptions<Job>) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#lanes.values().reduce((sum, lane) => sum + lane.length, 0);
  }

  get underWay(): number {
    return this.#running.size;
  }

  /** When the oldest job under way began; undefined when there is none. */
  get oldestBegunAt(): number | undefined {
    return this.#running.values().next().value;
  }

  /** When the next waiting job is to start; undefined when none waits, or while too many run. */
  get nextStartAt(): number | undefined {
    return this.#running.size < this.#options.concurrency() ? this.#nextStartAt : undefined;
  }

  /** Adds a job; the promise resolves when it has run, or was dropped. */
  add(job: Job, notBefore: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#nextStartAt ??= notBefore;
    const name = this.#options.laneOf(job);
    const lane = this.#lanes.get(name) ?? [];
    this.#lanes.set(name, lane);
    // Nearly always the latest: a round is asked for in its order, and what is due at once goes before it.
    const behind = lane.findLastIndex((waiting) => waiting.notBefore <= notBefore);
    lane.splice(behind + 1, 0, { job, notBefore, done: resolve });
    return promise;
  }

  /** Starts what may start, and sees to it that the rest starts in its time. */
  pump(): void {
    clearTimeout(this.#timer);
    while (this.#running.size < this.#options.concurrency()) {
      const now = this.#options.monotonic();
      const next = this.#earliest(now);
      this.#nextStartAt = next?.at;
      if (next === undefined) return;
      if (next.at > now) {
        this.#timer = setTimeout(() => this.pump(), Math.ceil(next.at - now));
        return;
      }
      this.#start(next.lane);
    }
  }

  /** Drops what has not started; the promise resolves when everything under way is done. */
  async drain(): Promise<void> {
    clearTimeout(this.#timer);
    for (const lane of this.#lanes.values()) for (const { done } of lane) done();
    this.#lanes.clear();
    this.#nextStartAt = undefined;
    await Promise.all(this.#running.keys());
  }

  #earliest(now: number): { lane: string; at: number } | undefined {
    let earliest: { lane: string; at: number } | undefined;
    for (const [lane, [head]] of this.#lanes) {
      if (head === undefined) continue;
      const at = Math.max(head.notBefore, now + this.#options.laneWaitMs(lane));
      if (earliest === undefined || at < earliest.at) earliest = { lane, at };
    }
    return earliest;
  }

  #start(name: string): void {
    const lane = this.#lanes.get(name);
    const next = lane?.shift();
    if (lane?.length === 0) this.#lanes.delete(name);
    if (next === undefined) return;
    const running = this.#options.run(next.job).finally(() => {
      this.#running.delete(running);
      next.done();
      this.pump();
    });
    this.#running.set(running, this.#options.monotonic());
  }
}
