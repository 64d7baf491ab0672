import type { ErrorKind } from '../atlas/error-kind.ts';
import type { EventName } from '../events/catalogue.ts';

/** Upper bounds in seconds: from a kept connection nearby to all the retries of a poll. */
const pollSecondsBounds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120] as const;

/** How long polls took, as a Prometheus histogram has it. */
export interface PollSeconds {
  readonly bounds: readonly number[];
  /** How many took so long at most, one for each bound. */
  readonly atMost: readonly number[];
  readonly count: number;
  readonly sum: number;
}

/** Counts what happens from the start of the program on. */
export class Counters {
  readonly events = new Map<EventName, number>();
  readonly pollFailures = new Map<ErrorKind, number>();
  /** Requests to Atlas by the status of the reply; `none` where no whole reply came. */
  readonly requests = new Map<string, number>();
  /** How many requests Atlas will still take, as it told last, by project. */
  readonly remaining = new Map<string, number>();
  readonly #atMost: number[] = pollSecondsBounds.map(() => 0);
  #polls = 0;
  #seconds = 0;
  #reloaded = true;
  #stateWritable = true;
  #lastPollAt: number | undefined;

  get polls(): number {
    return this.#polls;
  }

  get pollSeconds(): PollSeconds {
    return { bounds: pollSecondsBounds, atMost: this.#atMost, count: this.#polls, sum: this.#seconds };
  }

  /** Whether the configuration in use is the one that was read last. */
  get configInUse(): boolean {
    return this.#reloaded;
  }

  /** Whether the state file can be written. */
  get stateWritable(): boolean {
    return this.#stateWritable;
  }

  /** When the latest poll of this run ended, in ms since 1970. */
  get lastPollAt(): number | undefined {
    return this.#lastPollAt;
  }

  event(name: EventName): void {
    increase(this.events, name);
    if (name === 'watcher.config_rejected') this.#reloaded = false;
    if (name === 'watcher.config_reloaded') this.#reloaded = true;
    if (name === 'watcher.state_unavailable') this.#stateWritable = false;
    if (name === 'watcher.state_recovered') this.#stateWritable = true;
  }

  requestEnd(httpStatus: number | undefined): void {
    increase(this.requests, String(httpStatus ?? 'none'));
  }

  /** A poll has ended `at`, in ms since 1970. */
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
