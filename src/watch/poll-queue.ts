/** One poll waiting for its turn. */
interface Waiting<Job> {
  readonly job: Job;
  readonly notBefore: number;
  readonly done: () => void;
}

/** Jobs that share one budget. */
interface Lane<Job> {
  readonly name: string;
  /** In the order of their times. */
  readonly waiting: Waiting<Job>[];
  underWay: number;
  /** The ordinal of its latest start among all; 0 before. */
  latestTurn: number;
}

/** A lane, and when its next start may be. */
interface Turn<Job> {
  readonly lane: Lane<Job>;
  readonly at: number;
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
  /** All that ever had a job and may have another: it may ask for room at any time. */
  readonly #lanes = new Map<string, Lane<Job>>();
  /** Those with a job that is due; the one whose latest turn is the longest ago first. */
  readonly #due: Lane<Job>[] = [];
  /** Those whose first job is not due yet, in the order of its time. There may be ten thousand of them. */
  readonly #later: Lane<Job>[] = [];
  /** What is under way, oldest first, and when it began. */
  readonly #running = new Map<Promise<void>, number>();
  #starts = 0;
  #nextStartAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When it wakes; undefined when it is not set. */
  #timerAt: number | undefined;

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
    const lane = this.#lanes.get(name) ?? { name, waiting: [], underWay: 0, latestTurn: 0 };
    this.#lanes.set(name, lane);
    // Nearly always the latest: a round is asked for in its order, and what is due at once goes before it.
    const behind = lane.waiting.findLastIndex((waiting) => waiting.notBefore <= notBefore);
    const isNewHead = behind < 0 && !this.#due.includes(lane);
    if (isNewHead && lane.waiting.length > 0) takeOut(lane, this.#later);
    lane.waiting.splice(behind + 1, 0, { job, notBefore, done: resolve });
    if (isNewHead) putIn(lane, this.#later, dueAt);
    return promise;
  }

  /** Starts what may start, and sees to it that the rest starts in its time. */
  pump(): void {
    while (this.#running.size < this.#options.concurrency()) {
      const now = this.#options.monotonic();
      const next = this.#next(now);
      this.#nextStartAt = next?.at;
      if (next === undefined || next.at > now) {
        this.#wakeAt(next?.at, now);
        return;
      }
      this.#start(next.lane, now);
    }
  }

  /** A timer that is set for this very moment already stays. */
  #wakeAt(at: number | undefined, now: number): void {
    if (at === this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    if (at === undefined) return;
    const wake = (): void => {
      this.#timerAt = undefined;
      this.pump();
    };
    this.#timer = setTimeout(wake, Math.ceil(at - now));
  }

  /** Forgets the lanes that have no job, and will have none: others need not leave them a place. */
  keep(lanes: ReadonlySet<string>): void {
    for (const [name, { waiting, underWay }] of this.#lanes)
      if (!lanes.has(name) && waiting.length === 0 && underWay === 0) this.#lanes.delete(name);
  }

  /** Drops what has not started; the promise resolves when everything under way is done. */
  async drain(): Promise<void> {
    this.#wakeAt(undefined, 0);
    for (const { waiting } of this.#lanes.values()) for (const { done } of waiting.splice(0)) done();
    this.#due.length = 0;
    this.#later.length = 0;
    this.#nextStartAt = undefined;
    await Promise.all(this.#running.keys());
  }

  /** Whose turn it is now, or else will be first. */
  #next(now: number): Turn<Job> | undefined {
    this.#wake(now);
    let next: Turn<Job> | undefined;
    for (const lane of this.#due) {
      if (this.#isGreedy(lane)) continue;
      const at = now + this.#options.laneWaitMs(lane.name);
      const fewer = at === next?.at && lane.underWay < next.lane.underWay;
      if (next === undefined || at < next.at || fewer) next = { lane, at };
      // None can go before this one.
      if (next.at <= now && next.lane.underWay === 0) return next;
    }
    for (const lane of this.#later) {
      const due = dueAt(lane);
      if (next !== undefined && next.at <= due) break;
      if (this.#isGreedy(lane)) continue;
      const at = Math.max(due, now + this.#options.laneWaitMs(lane.name));
      if (next === undefined || at < next.at) next = { lane, at };
    }
    return next;
  }

  #wake(now: number): void {
    for (let [first] = this.#later; first !== undefined && dueAt(first) <= now; [first] = this.#later) {
      this.#later.shift();
      putIn(first, this.#due, latestTurnOf);
    }
  }

  #isGreedy({ underWay }: Lane<Job>): boolean {
    const free = this.#options.concurrency() - this.#running.size;
    return this.#lanes.size > 1 && underWay >= free;
  }

  #start(lane: Lane<Job>, now: number): void {
    const next = this.#takeFirst(lane, now);
    if (next === undefined) return;
    this.#starts += 1;
    lane.latestTurn = this.#starts;
    takeOut(lane, this.#due);
    if (dueAt(lane) <= now) this.#due.push(lane);
    else if (lane.waiting.length > 0) putIn(lane, this.#later, dueAt);
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

/** When the first job of a lane is due; never, where it has none. */
function dueAt({ waiting }: Lane<unknown>): number {
  return waiting[0]?.notBefore ?? Number.POSITIVE_INFINITY;
}

function latestTurnOf({ latestTurn }: Lane<unknown>): number {
  return latestTurn;
}

/** Puts a lane where it belongs in a list in this order, nearly always at or near the end. */
function putIn<Job>(lane: Lane<Job>, lanes: Lane<Job>[], orderOf: (lane: Lane<Job>) => number): void {
  const order = orderOf(lane);
  lanes.splice(lanes.findLastIndex((other) => orderOf(other) <= order) + 1, 0, lane);
}

function takeOut<Job>(lane: Lane<Job>, lanes: Lane<Job>[]): void {
  const index = lanes.indexOf(lane);
  if (index >= 0) lanes.splice(index, 1);
}
