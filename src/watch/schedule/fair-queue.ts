/** What the queue needs to know of a job. */
export interface QueuedJob {
  /** Jobs of one lane share one request budget; a job never changes its lane. */
  readonly lane: string;
  /** How much longer others of its lane must have waited to go before this job, in ms. */
  readonly headStartMs: number;
}

/** What bounds the starts. */
export interface QueueLimits {
  /** How many may run at once. */
  readonly concurrency: number;
  readonly lanes: {
    /** How long a lane has to wait for its next start, in ms. What becomes shorter meanwhile is noticed at its end. */
    waitMs(lane: string): number;
    /** Records a start, or another request of a running job. */
    take(lane: string): void;
  };
}

/** The one place of a job that waits. */
interface Place<Job> {
  readonly job: Job;
  readonly lane: Lane<Job>;
  readonly dueAt: number;
  /** The order among those of its lane that are due: its due time less its head start. */
  readonly rank: number;
  /** Orders what is equal otherwise. */
  readonly ordinal: number;
}

interface Lane<Job> {
  readonly name: string;
  /** Its jobs that are due, by rank. */
  readonly due: Place<Job>[];
  /** Its jobs that wait, due or not. */
  waiting: number;
  running: number;
  /** The ordinal of its latest start, or of its first job when none has started. */
  turn: number;
  /** When it may start again, while it has to wait. */
  pausedUntil: number | undefined;
}

/**
 * Decides which job starts next. It has no timer and no clock; `now` never goes back.
 *
 * A job is *later* until it is due. A lane with due jobs is *ready*, or *paused* while its limits forbid a start. Of the
 * ready lanes it is the turn of the one with the fewest jobs running, and of those the one whose turn is the longest
 * ago. No lane runs more than about half of `concurrency`, or of what others leave of it, as long as there are others
 * (a bulkhead): jobs that hang hold up no other lane.
 */
export class FairQueue<Job extends QueuedJob> {
  readonly #limits: QueueLimits;
  readonly #places = new Map<Job, Place<Job>>();
  /** Those with a job that waits or runs. */
  readonly #lanes = new Map<string, Lane<Job>>();
  readonly #later: Place<Job>[] = [];
  readonly #ready: Lane<Job>[] = [];
  readonly #paused: Lane<Job>[] = [];
  #running = 0;
  #ordinal = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** Returns whether a job waits. */
  has(job: Job): boolean {
    return this.#places.has(job);
  }

  /** Adds a job, or moves it to another due time. */
  set(job: Job, dueAt: number): void {
    const lane = this.#laneOf(job);
    // Counted first, so that the lane is not forgotten between its former place and its new one.
    lane.waiting += 1;
    this.delete(job);
    this.#ordinal += 1;
    const rank = dueAt - job.headStartMs;
    const place = { job, lane, dueAt, rank, ordinal: this.#ordinal };
    this.#places.set(job, place);
    insertSorted(this.#later, place, byDueTime);
  }

  /** Removes a job that waits; one that runs goes on. */
  delete(job: Job): void {
    const place = this.#places.get(job);
    if (place === undefined) return;
    const { lane } = place;
    this.#places.delete(job);
    if (!removeSorted(this.#later, place, byDueTime)) {
      this.#unlist(lane);
      removeSorted(lane.due, place, byRank);
      this.#list(lane);
    }
    lane.waiting -= 1;
    this.#forgetEmpty(lane);
  }

  /** Returns when the next job may start: `now`, or later; undefined when none waits or none of those has room. */
  peek(now: number): number | undefined {
    if (this.#running >= this.#limits.concurrency) return undefined;
    if (this.#nextLane(now) !== undefined) return now;
    const moments = [this.#paused[0]?.pausedUntil, this.#later[0]?.dueAt].filter((at) => at !== undefined);
    return moments.length === 0 ? undefined : Math.min(...moments);
  }

  /** Returns the job that starts now and counts it as running; undefined when none may. */
  take(now: number): Job | undefined {
    const lane = this.#nextLane(now);
    if (lane === undefined) return undefined;
    this.#unlist(lane);
    const place = lane.due.shift();
    this.#ordinal += 1;
    lane.turn = this.#ordinal;
    if (place !== undefined) {
      this.#places.delete(place.job);
      lane.waiting -= 1;
      lane.running += 1;
      this.#running += 1;
    }
    this.#list(lane);
    return place?.job;
  }

  /** Counts a job that was taken as ended. */
  release(job: Job): void {
    const lane = this.#laneOf(job);
    this.#unlist(lane);
    lane.running -= 1;
    this.#running -= 1;
    this.#list(lane);
    this.#forgetEmpty(lane);
  }

  /** Moves every job that was not due yet to the due time that `dueTimeOf` returns for its own. */
  moveLater(dueTimeOf: (dueAt: number) => number): void {
    for (const { job, dueAt } of this.#later.slice()) this.set(job, dueTimeOf(dueAt));
  }

  /** Returns how many jobs are due and have not started. */
  dueCount(now: number): number {
    const later = this.#later.length - countUntil(this.#later, ({ dueAt }) => dueAt <= now);
    return this.#places.size - later;
  }

  /** The first of the ready lanes that need not wait and leaves others their share. */
  #nextLane(now: number): Lane<Job> | undefined {
    this.#advance(now);
    const free = this.#limits.concurrency - this.#running;
    for (let [lane] = this.#ready; lane !== undefined; [lane] = this.#ready) {
      // Where the lane with the fewest jobs running has no room, none has.
      if (free <= 0 || (this.#lanes.size > 1 && lane.running >= free)) return undefined;
      const waitMs = this.#limits.lanes.waitMs(lane.name);
      if (waitMs <= 0) return lane;
      this.#unlist(lane);
      lane.pausedUntil = now + waitMs;
      this.#list(lane);
    }
    return undefined;
  }

  /** Makes due what is due by now, and ready what need not wait any more. */
  #advance(now: number): void {
    const due = this.#later.splice(
      0,
      countUntil(this.#later, ({ dueAt }) => dueAt <= now),
    );
    for (const place of due) {
      const { lane } = place;
      insertSorted(lane.due, place, byRank);
      if (lane.due.length === 1) this.#list(lane);
    }
    for (let [lane] = this.#paused; lane !== undefined && pauseOf(lane) <= now; [lane] = this.#paused) {
      this.#unlist(lane);
      lane.pausedUntil = undefined;
      this.#list(lane);
    }
  }

  /** Puts a lane with due jobs where it belongs; what orders it may change only while it is on no list. */
  #list(lane: Lane<Job>): void {
    if (lane.due.length === 0) lane.pausedUntil = undefined;
    else if (lane.pausedUntil === undefined) insertSorted(this.#ready, lane, byTurn);
    else insertSorted(this.#paused, lane, byPause);
  }

  #unlist(lane: Lane<Job>): void {
    if (lane.due.length === 0) return;
    if (lane.pausedUntil === undefined) removeSorted(this.#ready, lane, byTurn);
    else removeSorted(this.#paused, lane, byPause);
  }

  #laneOf(job: Job): Lane<Job> {
    const name = job.lane;
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    this.#ordinal += 1;
    const lane = { name, due: [], waiting: 0, running: 0, turn: this.#ordinal, pausedUntil: undefined };
    this.#lanes.set(name, lane);
    return lane;
  }

  #forgetEmpty({ name, waiting, running }: Lane<Job>): void {
    if (waiting === 0 && running === 0) this.#lanes.delete(name);
  }
}

function byDueTime(one: Place<unknown>, other: Place<unknown>): number {
  return one.dueAt - other.dueAt || one.ordinal - other.ordinal;
}

function byRank(one: Place<unknown>, other: Place<unknown>): number {
  return one.rank - other.rank || one.ordinal - other.ordinal;
}

function byTurn(one: Lane<unknown>, other: Lane<unknown>): number {
  return one.running - other.running || one.turn - other.turn;
}

function byPause(one: Lane<unknown>, other: Lane<unknown>): number {
  return pauseOf(one) - pauseOf(other) || one.turn - other.turn;
}

function pauseOf({ pausedUntil }: Lane<unknown>): number {
  return pausedUntil ?? Number.NEGATIVE_INFINITY;
}

/** Returns a negative number when `one` goes before `other`, and 0 for one and the same item alone. */
export type Order<Item> = (one: Item, other: Item) => number;

/** Puts an item where it belongs in a sorted list. A move of ten thousand pointers takes a few microseconds. */
export function insertSorted<Item>(list: Item[], item: Item, order: Order<Item>): void {
  list.splice(
    countUntil(list, (other) => order(other, item) < 0),
    0,
    item,
  );
}

/** Removes an item from a sorted list; returns whether it was there. */
export function removeSorted<Item>(list: Item[], item: Item, order: Order<Item>): boolean {
  const index = countUntil(list, (other) => order(other, item) < 0);
  if (list[index] !== item) return false;
  list.splice(index, 1);
  return true;
}

/** Returns how many items at the start of a list hold; those that hold go before all others. */
export function countUntil<Item>(list: readonly Item[], holds: (item: Item) => boolean): number {
  let low = 0;
  for (let high = list.length; low < high; ) {
    const middle = (low + high) >>> 1;
    const item = list[middle];
    if (item !== undefined && holds(item)) low = middle + 1;
    else high = middle;
  }
  return low;
}
