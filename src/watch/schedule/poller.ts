import { afterClockStep, clockToleranceMs } from './due-time.ts';
import { FairQueue, type QueuedJob, type QueueLimits } from './fair-queue.ts';

/** Both clocks in ms. */
export interface Clock {
  /** Since 1970; may be set. */
  now(): number;
  /** Since any moment; never set. */
  monotonic(): number;
}

/** Returns, or resolves to, whether jobs may start; where they may not, none starts any more. */
export type MayStart = () => boolean | Promise<boolean>;

/** The loop between two wakes. */
interface Sleep {
  until: number;
  timer: NodeJS.Timeout;
  readonly end: () => void;
}

/** A timer does not notice that a clock has been set, so the loop wakes this often. */
const longestSleepMs = 1_000;
/** The wall clock shows whole milliseconds: due times of one slot differ by up to this, and one wake serves them all. */
const gatherMs = 1;

/** Returns the moment of the monotonic clock at which the wall clock will show `wallDueAt`, in ms. */
export function monotonicDue(clock: Clock, wallDueAt: number): number {
  return clock.monotonic() + wallDueAt - clock.now();
}

/**
 * Decides when jobs start, with one timer. A job *waits* in the fair queue from `set` on, *runs* from the moment that
 * `wakes` yields it, and is forgotten at `done` unless it was set again meanwhile. After `stop` nothing starts.
 *
 * Due times are of the monotonic clock. Where the wall clock turns out to have been set forward, they follow it.
 */
export class Poller<Job extends QueuedJob> {
  readonly #clock: Clock;
  readonly #limits: QueueLimits;
  readonly #mayStart: MayStart;
  readonly #queue: FairQueue<Job>;
  /** What runs, and when it started; oldest first. */
  readonly #running = new Map<Job, number>();
  /** When what runs is due again, where it was set meanwhile. */
  readonly #again = new Map<Job, number>();
  /** How far the wall clock is ahead of the monotonic one, in ms. */
  #clockLead: number;
  #wokenAt: number;
  #sleep: Sleep | 'stopped' | undefined;

  constructor(clock: Clock, limits: QueueLimits, mayStart: MayStart = () => true) {
    this.#clock = clock;
    this.#mayStart = mayStart;
    this.#limits = limits;
    this.#queue = new FairQueue(limits);
    this.#wokenAt = clock.monotonic();
    this.#clockLead = clock.now() - this.#wokenAt;
  }

  get running(): number {
    return this.#running.size;
  }

  /** How many jobs are due and have not started. */
  get waitingDue(): number {
    return this.#queue.dueCount(this.#clock.monotonic());
  }

  /** When the oldest running job started; undefined when none runs. */
  get oldestStartedAt(): number | undefined {
    return this.#running.values().next().value;
  }

  /** When the next waiting job is to start; undefined when none waits, or while there is no room for it. */
  get nextDueAt(): number | undefined {
    return this.#queue.peek(this.#clock.monotonic());
  }

  /** When the loop woke last: positive evidence that it runs. Before it does, when it was created. */
  get wokenAt(): number {
    return this.#wokenAt;
  }

  /** Returns whether a job waits, or is to wait when it has run. */
  has(job: Job): boolean {
    return this.#queue.has(job) || this.#again.has(job);
  }

  /** Adds a job, or moves it to this moment of the monotonic clock. One that runs starts again after it has ended. */
  set(job: Job, dueAt: number): void {
    if (this.#sleep === 'stopped') return;
    this.#followClock();
    if (this.#running.has(job)) this.#again.set(job, dueAt);
    else this.#queue.set(job, dueAt);
    this.#wakeBy(dueAt);
  }

  /** Records the end of a job, which makes room for another one. */
  done(job: Job): void {
    const again = this.#again.get(job);
    this.#running.delete(job);
    this.#again.delete(job);
    // In this order, as the queue forgets a lane without jobs.
    if (again !== undefined) this.#queue.set(job, again);
    this.#queue.release(job);
    const next = this.nextDueAt;
    if (next !== undefined) this.#wakeBy(next);
  }

  /** Ends `wakes`; what runs goes on. */
  stop(): void {
    const sleep = this.#sleep;
    this.#sleep = 'stopped';
    if (typeof sleep === 'object') sleep.end();
  }

  /** Yields the jobs that start now, whenever one is due and at least once a second, until `stop`. */
  async *wakes(): AsyncGenerator<readonly Job[], void> {
    while (this.#sleep !== 'stopped') {
      this.#wokenAt = this.#clock.monotonic();
      this.#followClock();
      const may = this.#mayStart();
      // Waiting takes time, and much may have changed after it.
      if (may !== true && !(await may)) return;
      if (may !== true) continue;
      yield this.#takeDue();
      await this.#sleepUntilDue();
    }
  }

  #takeDue(): readonly Job[] {
    const now = this.#clock.monotonic();
    const due: Job[] = [];
    for (let job = this.#queue.take(now); job !== undefined; job = this.#queue.take(now)) {
      this.#running.set(job, now);
      // Its request counts for the jobs behind it in its lane.
      this.#limits.lanes.take(job.lane);
      due.push(job);
    }
    return due;
  }

  async #sleepUntilDue(): Promise<void> {
    if (this.#sleep === 'stopped') return;
    const now = this.#clock.monotonic();
    const due = this.#queue.peek(now) ?? Number.POSITIVE_INFINITY;
    const until = Math.min(due + gatherMs, this.#wokenAt + longestSleepMs);
    const { promise, resolve } = Promise.withResolvers<void>();
    const sleep: Sleep = { until, end: resolve, timer: setTimeout(resolve, untilMs(until, now)) };
    this.#sleep = sleep;
    await promise;
    clearTimeout(sleep.timer);
    if (this.#sleep === sleep) this.#sleep = undefined;
  }

  /** Brings the end of the sleep forward to when a job is due. */
  #wakeBy(dueAt: number): void {
    const sleep = this.#sleep;
    const until = dueAt + gatherMs;
    if (typeof sleep !== 'object' || sleep.until <= until) return;
    clearTimeout(sleep.timer);
    sleep.until = until;
    sleep.timer = setTimeout(sleep.end, untilMs(until, this.#clock.monotonic()));
  }

  /** Moves due times when the wall clock has been set since the last look. */
  #followClock(): void {
    const now = this.#clock.monotonic();
    const lead = this.#clock.now() - now;
    const stepMs = lead - this.#clockLead;
    if (Math.abs(stepMs) <= clockToleranceMs) return;
    this.#clockLead = lead;
    const moved = (dueAt: number): number => afterClockStep(dueAt, stepMs, now);
    this.#queue.moveLater(moved);
    for (const [job, dueAt] of this.#again) this.#again.set(job, moved(dueAt));
  }
}

function untilMs(moment: number, now: number): number {
  return Math.max(0, Math.ceil(moment - now));
}

/** Returns the time of a clock that is never set, in ms: for intervals, waits and budgets. */
export function monotonicNow(): number {
  return performance.now();
}

/** The clocks of this machine. `Date` is looked up at every call, because a test may replace it. */
export const systemClock: Clock = { now: () => Date.now(), monotonic: monotonicNow };
