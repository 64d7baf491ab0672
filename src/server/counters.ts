import type { ErrorKind } from '../atlas/error-kind.ts';
import type { EventName } from '../events/catalogue.ts';
import type { Outcome } from '../sinks/sender.ts';

/** Upper bounds in seconds: from a kept connection nearby to a poll with all its retries. */
const pollSecondsBounds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120] as const;

/** Durations of polls, as a Prometheus histogram. */
export interface PollSeconds {
  readonly bounds: readonly number[];
  /** For each bound, how many polls took at most that long. */
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
  readonly #atMost: number[] = pollSecondsBounds.map(() => 0);
  #polls = 0;
  #seconds = 0;
  #lastPollAt: number | undefined;

  get pollSeconds(): PollSeconds {
    return { bounds: pollSecondsBounds, atMost: this.#atMost, count: this.#polls, sum: this.#seconds };
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
    const seconds = durationMs / 1000;
    this.#lastPollAt = at;
    this.#polls += 1;
    this.#seconds += seconds;
    for (const [index, bound] of pollSecondsBounds.entries())
      if (seconds <= bound) this.#atMost[index] = (this.#atMost[index] ?? 0) + 1;
    if (failure !== undefined) increase(this.pollFailures, failure);
  }
}

function increase<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
