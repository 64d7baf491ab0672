import type { AtlasError } from '../atlas/atlas-error.ts';
import type { AtlasClient, PollResult, Retirement } from '../atlas/client.ts';
import type { EventFields, EventName } from '../events/catalogue.ts';
import type { Emit } from '../events/emitter.ts';
import { buildEvent } from '../events/event-record.ts';
import { type FailurePolicy, failedPoll } from './failed-poll.ts';
import { countStatuses, heartbeat } from './heartbeat.ts';
import type { Ledger } from './ledger.ts';
import { PollQueue } from './poll-queue.ts';
import type { RateLimits } from './rate-limits.ts';
import { startOffsetMs } from './round-spread.ts';
import type { Target } from './target.ts';
import { type TransitionPolicy, transitions } from './transitions.ts';

export interface WatcherOptions {
  readonly targets: readonly Target[];
  readonly client: AtlasClient;
  readonly ledger: Ledger;
  readonly limits: RateLimits;
  readonly emit: Emit;
  readonly policy: TransitionPolicy & FailurePolicy;
  /** Polls under way at once, at most. */
  readonly concurrency: number;
  /** Wall clock and monotonic clock, in ms. */
  readonly now: () => number;
  readonly monotonic: () => number;
  /** Called once, when nothing is left to watch. */
  readonly onSettled: () => void;
  /** Called when a poll's outcome could not be recorded. */
  readonly onFault: (error: unknown) => void;
}

/** One migration being watched. */
interface Watch {
  readonly target: Target;
  /** Nothing has been read yet since the start, while an earlier run had. */
  resumed: boolean;
  /** The round that its waiting or running poll belongs to. */
  round: number | undefined;
  /** How the latest poll of this run ended; undefined before it. */
  latest: 'read' | AtlasError | undefined;
}

/** Polls migrations in rounds and records what each poll leads to. It owns no schedule: ticks are given to it. */
export class Watcher {
  readonly #options: WatcherOptions;
  readonly #watches: readonly Watch[];
  readonly #queue: PollQueue<Watch>;
  readonly #stopping = new AbortController();
  #ticks = 0;
  #polls = 0;
  #pollFailures = 0;
  #overrunning = false;
  #retirementReported = false;
  #settledReported = false;

  constructor(options: WatcherOptions) {
    const { targets, ledger, limits, concurrency, monotonic } = options;
    this.#options = options;
    this.#watches = targets.map((target) => {
      const resumed = ledger.state(target)?.observation !== undefined;
      return { target, resumed, round: undefined, latest: undefined };
    });
    this.#queue = new PollQueue({
      concurrency,
      monotonic,
      laneOf: ({ target }) => target.groupId,
      laneWaitMs: (groupId) => limits.waitMs(groupId),
      run: (watch) => this.#poll(watch),
    });
  }

  /** How the latest poll of each migration ended, of those that were polled in this run. */
  get latest(): readonly ('read' | AtlasError)[] {
    return this.#watches.map(({ latest }) => latest).filter((latest) => latest !== undefined);
  }

  /** Begins the round of a tick, and says so when the round before is still running. */
  tick(intervalMs: number): void {
    this.#ticks += 1;
    const late = this.#watches.some(({ round }) => isLate(round, this.#ticks));
    if (late && !this.#overrunning)
      this.#say('watcher.overrun', { waiting: this.#queue.waiting, underWay: this.#queue.underWay });
    this.#overrunning = late;
    void this.round(intervalMs);
  }

  /**
   * Polls every migration that is neither settled nor already waiting or being polled, spread over the interval.
   * The promise resolves when all of these polls are done.
   */
  async round(intervalMs: number): Promise<void> {
    this.#reportIfSettled();
    const due = this.#watches.filter((watch) => watch.round === undefined && !this.#isSettled(watch));
    const start = this.#options.monotonic();
    const polls = due.map((watch, index) => {
      watch.round = this.#ticks;
      return this.#queue.add(watch, start + startOffsetMs(index, due.length, intervalMs));
    });
    this.#queue.pump();
    await Promise.all(polls);
  }

  beat(): void {
    const counts = { polls: this.#polls, pollFailures: this.#pollFailures };
    this.#say('watcher.heartbeat', heartbeat(this.#states(), counts, this.#options.now()));
  }

  /** Begins no more polls, lets those under way finish for at most `graceMs`, then cuts them off. */
  async stop(graceMs: number): Promise<void> {
    const cutOff = setTimeout(() => this.#stopping.abort(), graceMs);
    await this.#queue.drain();
    clearTimeout(cutOff);
  }

  async #poll(watch: Watch): Promise<void> {
    try {
      const result = await this.#options.client.readMigration(watch.target, this.#stopping.signal);
      this.#record(watch, result);
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#options.onFault(error);
    } finally {
      watch.round = undefined;
    }
  }

  #record(watch: Watch, result: PollResult): void {
    const { ledger, policy, now } = this.#options;
    const { target } = watch;
    const { groupId, liveMigrationId } = target;
    const previous = ledger.state(target);
    this.#polls += 1;
    watch.latest = result.ok ? 'read' : result.error;
    if (result.ok) {
      const observation = { ...result.reading, observedAt: now() };
      const step = transitions(target, previous, observation, policy, watch.resumed);
      const { lagTimeSeconds, observedAt } = observation;
      const sample = lagTimeSeconds === undefined ? {} : { sample: { lagTimeSeconds, observedAt } };
      ledger.record({ groupId, liveMigrationId, ...step, ...sample });
      this.#reportRetirement(result.retirement);
      watch.resumed = false;
    } else {
      this.#pollFailures += 1;
      ledger.record({
        groupId,
        liveMigrationId,
        ...failedPoll(target, previous, result, now(), policy, watch.resumed),
      });
    }
    this.#reportIfSettled();
  }

  #reportRetirement(retirement: Retirement | undefined): void {
    if (retirement === undefined || this.#retirementReported) return;
    this.#retirementReported = true;
    this.#say('watcher.api_deprecated', { ...retirement });
  }

  #reportIfSettled(): void {
    if (this.#settledReported || !this.#watches.every((watch) => this.#isSettled(watch))) return;
    this.#settledReported = true;
    this.#say('watcher.settled', {
      migrations: this.#watches.length,
      statuses: countStatuses(this.#states()),
    });
    this.#options.onSettled();
  }

  #isSettled({ target }: Watch): boolean {
    return this.#options.ledger.state(target)?.settlement !== undefined;
  }

  #states() {
    return this.#watches.map(({ target }) => this.#options.ledger.state(target));
  }

  #say<Name extends EventName>(name: Name, fields: EventFields[Name]): void {
    this.#options.emit(buildEvent(name, fields, this.#options.now()));
  }
}

/** A round is late when it is not done after a whole interval; the first one began between two ticks. */
function isLate(round: number | undefined, tick: number): boolean {
  return round !== undefined && round < (round === 0 ? tick - 1 : tick);
}
