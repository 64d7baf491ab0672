/** One poll waiting for its turn. */
interface Waiting<Job> {
  readonly job: Job;
  readonly notBefore: number;
  readonly done: () => void;
}

/** Jobs that share one budget. */
interface Lane<Job> {
  /** In the order of their times. */
  readonly waiting: Waiting<Job>[];
  underWay: number;
}

export interface PollQueueOptions<Job> {
  /** How many may run at once. */
  readonly concurrency: () => number;
  /** Monotonic clock, in ms. */
  readonly monotonic: () => number;
  /** Jobs of one lane start in the order of their times, head starts aside, and none while its lane has to wait. */
  readonly laneOf: (job: Job) => string;
  /** How much longer others of its lane must have waited to go before this job, in ms; 0 when left out. */
  readonly headStartMs?: (job: Job) => number;
  /** How long the lane has to wait for its next start, in ms. */
  readonly laneWaitMs: (lane: string) => number;
  /** Must not throw. What it spends of its lane before it first waits counts for the jobs behind it. */
  readonly run: (job: Job) => Promise<void>;
}

/**
 * Starts jobs not before their time, at most `concurrency` at once, and as their lane allows. Of several lanes it is
 * the turn of the one with the fewest jobs under way, and of those the one that has not had its turn the longest; and
 * none holds more than about half of all places, or of what others left it, so that jobs that hang hold up no other lane.
 */
export class PollQueue<Job> {
  readonly #options: PollQueueOptions<Job>;
  /** All that ever had a job and may have another; the one whose latest turn is the longest ago first. */
  readonly #lanes = new Map<string, Lane<Job>>();
  /** What is under way, oldest first, and when it began. */
  readonly #running = new Map<Promise<void>, number>();
  #nextStartAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PollQueueOptions<Job>) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#lanes.values().reduce((sum, { waiting }) => sum + waiting.length, 0);
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
    const lane = this.#lanes.get(name) ?? { waiting: [], underWay: 0 };
    this.#lanes.set(name, lane);
    // Nearly always the latest: a round is asked for in its order, and what is due at once goes before it.
    const behind = lane.waiting.findLastIndex((waiting) => waiting.notBefore <= notBefore);
    lane.waiting.splice(behind + 1, 0, { job, notBefore, done: resolve });
    return promise;
  }

  /** Starts what may start, and sees to it that the rest starts in its time. */
  pump(): void {
    clearTimeout(this.#timer);
    while (this.#running.size < this.#options.concurrency()) {
      const now = this.#options.monotonic();
      const next = this.#next(now);
      this.#nextStartAt = next?.at;
      if (next === undefined) return;
      if (next.at > now) {
        this.#timer = setTimeout(() => this.pump(), Math.ceil(next.at - now));
        return;
      }
      this.#start(next.name, next.lane, now);
    }
  }

  /** Forgets the lanes that have no job, and will have none: others need not leave them a place. */
  keep(lanes: ReadonlySet<string>): void {
    for (const [name, { waiting, underWay }] of this.#lanes)
      if (!lanes.has(name) && waiting.length === 0 && underWay === 0) this.#lanes.delete(name);
  }

  /** Drops what has not started; the promise resolves when everything under way is done. */
  async drain(): Promise<void> {
    clearTimeout(this.#timer);
    for (const { waiting } of this.#lanes.values()) for (const { done } of waiting.splice(0)) done();
    this.#nextStartAt = undefined;
    await Promise.all(this.#running.keys());
  }

  /** Whose turn it is now, or else will be first. */
  #next(now: number): { name: string; lane: Lane<Job>; at: number } | undefined {
    let next: { name: string; lane: Lane<Job>; at: number } | undefined;
    for (const [name, lane] of this.#lanes) {
      const [head] = lane.waiting;
      if (head === undefined || this.#isGreedy(lane)) continue;
      const at = Math.max(head.notBefore, now + this.#options.laneWaitMs(name));
      const fewer = at === next?.at && lane.underWay < next.lane.underWay;
      if (next === undefined || at < next.at || fewer) next = { name, lane, at };
    }
    return next;
  }

  #isGreedy({ underWay }: Lane<Job>): boolean {
    const free = this.#options.concurrency() - this.#running.size;
    return this.#lanes.size > 1 && underWay >= free;
  }

  #start(name: string, lane: Lane<Job>, now: number): void {
    const next = this.#takeFirst(lane, now);
    if (next === undefined) return;
    this.#lanes.delete(name);
    this.#lanes.set(name, lane);
    lane.underWay += 1;
    const running = this.#options.run(next.job).finally(() => {
      this.#running.delete(running);
      lane.underWay -= 1;
      next.done();
      this.pump();
    });
    this.#running.set(running, now);
  }

  #takeFirst({ waiting }: Lane<Job>, now: number): Waiting<Job> | undefined {
    const { headStartMs = () => 0 } = this.#options;
    let first = 0;
    let rank = Number.POSITIVE_INFINITY;
    for (const [index, { job, notBefore }] of waiting.entries()) {
      if (notBefore > now) break;
      const own = notBefore - headStartMs(job);
      if (own < rank) [first, rank] = [index, own];
    }
    return waiting.splice(first, 1)[0];
  }
}
