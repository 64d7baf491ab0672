import type { ErrorKind } from '../atlas/error-kind.ts';
import type { EventName } from '../events/catalogue.ts';
import type { Outcome } from '../sinks/sender.ts';

/** Upper bounds in seconds: from a kept connection nearby to a poll with all its retries. */
const pollSecondsBounds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120] as const;

/** From a database on the same host to the deadline of a call. */
const commitSecondsBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] as const;

/** Durations, as a Prometheus histogram. */
export interface Durations {
  readonly bounds: readonly number[];
  /** For each bound, how many took at most that long. */
  readonly atMost: readonly number[];
  readonly count: number;
  readonly sum: number;
}

/** Counts what happens from the start of the program on. */
export class Counters {
  readonly events = new Map<EventName, number>();
  readonly pollFailures = new Map<ErrorKind, number>();
  /** Requests to Atlas by the status of the reply; `none` where no complete reply came. */
  readonly requests = new Map<string, number>();
  /** Requests that Atlas will still accept, as it last reported, by project. */
  readonly remaining = new Map<string, number>();
  /** Attempts to deliver notifications, by receiver and by what came of them. */
  readonly attempts = new Map<string, Map<Outcome['result'], number>>();
  readonly #polls = emptyHistogram(pollSecondsBounds);
  readonly #commits = emptyHistogram(commitSecondsBounds);
  #lastPollAt: number | undefined;

  get pollSeconds(): Durations {
    return this.#polls;
  }

  get commitSeconds(): Durations {
    return this.#commits;
  }

  /** When the latest poll of this run ended, in ms since 1970. */
  get lastPollAt(): number | undefined {
    return this.#lastPollAt;
  }

  event(name: EventName): void {
    increase(this.events, name);
  }

  requestEnd(httpStatus: number | undefined): void {
    increase(this.requests, String(httpStatus ?? 'none'));
  }

  attempt(sink: string, result: Outcome['result']): void {
    const ofSink = this.attempts.get(sink) ?? new Map<Outcome['result'], number>();
    this.attempts.set(sink, ofSink);
    increase(ofSink, result);
  }

  /** Counts a poll that ended `at`, in ms since 1970. */
  poll(failure: ErrorKind | undefined, durationMs: number, at = Date.now()): void {
    this.#lastPollAt = at;
    observe(this.#polls, durationMs / 1000);
    if (failure !== undefined) increase(this.pollFailures, failure);
  }

  /** Counts a commit to the store that has ended, with success or not. */
  commit(seconds: number): void {
    observe(this.#commits, seconds);
  }
}

interface Histogram extends Durations {
  readonly atMost: number[];
  count: number;
  sum: number;
}

function emptyHistogram(bounds: readonly number[]): Histogram {
  return { bounds, atMost: bounds.map(() => 0), count: 0, sum: 0 };
}

function observe(histogram: Histogram, seconds: number): void {
  histogram.count += 1;
  histogram.sum += seconds;
  for (const [index, bound] of histogram.bounds.entries())
    if (seconds <= bound) histogram.atMost[index] = (histogram.atMost[index] ?? 0) + 1;
}

function increase<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
