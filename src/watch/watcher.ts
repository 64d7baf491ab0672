import type { AtlasError } from '../atlas/atlas-error.ts';
import type { AtlasClient, PollResult, Retirement } from '../atlas/client.ts';
import type { EventFields, EventName } from '../events/catalogue.ts';
import type { Emit } from '../events/emitter.ts';
import { buildEvent } from '../events/event-record.ts';
import type { Cadence } from './cadence.ts';
import { cutoverNotices, hasNoticeDue } from './cutover-notices.ts';
import { countStatuses, heartbeat } from './heartbeat.ts';
import type { Ledger } from './ledger.ts';
import type { LivenessView } from './liveness.ts';
import { othersTogether } from './others.ts';
import type { Others } from './outage.ts';
import { PollQueue } from './poll-queue.ts';
import { pollStep, type WatchPolicy } from './poll-step.ts';
import type { RateLimits } from './rate-limits.ts';
import { lateShare, pauseAfterRefusal, roundOf } from './round.ts';
import type { Target } from './target.ts';
import { keyOf, type TargetChanges, targetChanges } from './target-changes.ts';
import { appointTeller, dismissSharing, handOver } from './tellers.ts';
import { beginWatch, isSettled, samplesBefore, type Watch, type Watched } from './watch.ts';

export interface WatcherOptions {
  readonly targets: readonly Target[];
  readonly client: AtlasClient;
  readonly ledger: Ledger;
  readonly limits: RateLimits;
  readonly emit: Emit;
  readonly policy: WatchPolicy;
  /** Polls under way at once, at most. */
  readonly concurrency: number;
  /** Wall clock and monotonic clock, in ms. */
  readonly now: () => number;
  readonly monotonic: () => number;
  /** Called once, when nothing is left to watch. */
  readonly onSettled: () => void;
  /** Called when a poll's outcome could not be recorded. */
  readonly onFault: (error: unknown) => void;
  /** Called when what a poll led to is known. */
  readonly onPolled?: ((target: Target, result: PollResult, durationMs: number) => void) | undefined;
}

/** What is near readiness goes before whatever of its project has waited less than this longer. */
const nearHeadStartMs = 60_000;

/** How long a poll may keep people from a notice before they are told what was known before it. */
const noticeGraceMs = 10_000;
/** The same for the first poll of a run: what was known before it may be days old. */
const firstNoticeGraceMs = 60_000;

/** What may be another after a reload. */
export type Reconfiguration = Pick<WatcherOptions, 'targets' | 'policy' | 'concurrency'> & {
  /** Given only where another one is to be used; what the former one was refused is polled at once then. */
  readonly client?: AtlasClient;
};

/** Polls migrations in rounds and records what each poll leads to. It owns no schedule: ticks are given to it. */
export class Watcher {
  #options: WatcherOptions;
  #watches: readonly Watch[];
  /** Taken out of the configuration while a poll of theirs was waiting or under way. */
  #leaving: readonly Watch[] = [];
  readonly #queue: PollQueue<Watch>;
  readonly #stopping = new AbortController();
  #polls = 0;
  #pollFailures = 0;
  readonly #overrunning = { default: false, approaching: false };
  #retirementReported = false;
  #settledReported = false;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#watches = options.targets.map((target) => this.#begin(target));
    appointTeller(options.ledger, options.targets, options.now());
    this.#queue = new PollQueue({
      concurrency: () => this.#options.concurrency,
      monotonic: options.monotonic,
      laneOf: ({ target }) => target.groupId,
      headStartMs: ({ cadence }) => (cadence === 'approaching' ? nearHeadStartMs : 0),
      laneWaitMs: (groupId) => options.limits.waitMs(groupId),
      run: (watch) => {
        options.limits.spend(watch.target.groupId);
        return this.#poll(watch);
      },
    });
  }

  /** How the latest poll of each migration ended, of those that were polled in this run. */
  get latest(): readonly ('read' | AtlasError)[] {
    return this.#watches.map(({ latest }) => latest).filter((latest) => latest !== undefined);
  }

  /** What of the polls tells whether the loop beats. */
  get beats(): Pick<LivenessView, 'oldestBegunAt' | 'nextStartAt'> {
    return this.#queue;
  }

  /** What is known of each migration now, in the order of the configuration. */
  get watched(): readonly Watched[] {
    const { ledger } = this.#options;
    return this.#watches.map((watch) => ({ ...watch, state: ledger.state(watch.target) }));
  }

  /**
   * Goes on with another configuration. What is in both keeps its state, its place in the interval and a poll
   * under way; what was added, or had disappeared, is polled at once.
   */
  reconfigure(next: Reconfiguration): TargetChanges {
    const changes = targetChanges(this.#options.targets, next.targets);
    const pending = [...this.#leaving, ...this.#watches].filter(
      ({ pendingSince }) => pendingSince !== undefined,
    );
    const former = new Map([...pending, ...this.#watches].map((watch) => [keyOf(watch.target), watch]));
    const refused = next.client === undefined ? [] : this.#watches.filter(({ notBefore }) => notBefore > 0);
    handOver(this.#options.ledger, this.#options.targets, next.targets, this.#options.now());
    this.#options.ledger.remember(next.targets);
    this.#options = { ...this.#options, ...next };
    this.#watches = next.targets.map((target) => {
      const watch = former.get(keyOf(target)) ?? this.#begin(target);
      watch.target = target;
      return watch;
    });
    const watches = new Set(this.#watches);
    this.#leaving = pending.filter((watch) => !watches.has(watch));
    this.#settledReported &&= changes.added.length === 0;
    for (const watch of refused) watch.notBefore = 0;
    for (const watch of this.#watches) {
      const isGone = this.#options.ledger.state(watch.target)?.settlement === 'DISAPPEARED';
      const isNews = isGone || refused.includes(watch) || !former.has(keyOf(watch.target));
      watch.doubted = true;
      if (isNews && watch.pendingSince === undefined && !this.#isSettled(watch)) void this.#enqueue(watch);
    }
    this.#queue.pump();
    this.#reportIfSettled();
    return changes;
  }

  /** Begins the round of a tick, and says so when the round before is still running. */
  tick(cadence: Cadence, intervalMs: number): void {
    const before = this.#options.monotonic() - intervalMs * lateShare;
    const late = this.#watches.some(
      (watch) =>
        watch.cadence === cadence && watch.pendingSince !== undefined && watch.pendingSince <= before,
    );
    if (late && !this.#overrunning[cadence])
      this.#say('watcher.overrun', { waiting: this.#queue.waiting, underWay: this.#queue.underWay });
    this.#overrunning[cadence] = late;
    void this.round(intervalMs, cadence);
  }

  /**
   * Polls every migration of this cadence that is neither settled nor waiting or being polled already, spread over
   * the interval. The promise resolves when all of these polls are done.
   */
  async round(intervalMs: number, cadence: Cadence = 'default'): Promise<void> {
    this.#reportIfSettled();
    const start = this.#options.monotonic();
    const open = this.#watches.filter((watch) => !this.#isSettled(watch));
    const polls = roundOf(open, cadence, start, intervalMs).map(([watch, at]) => this.#enqueue(watch, at));
    this.#queue.pump();
    await Promise.all(polls);
  }

  /**
   * Polls what the clock has made due for a notice, so that people are told of what is true now; and in time, so they
   * are told without a poll where one has been waiting or under way for too long.
   */
  lookAtClock(): void {
    const { ledger, policy } = this.#options;
    const now = this.#options.now();
    const monotonic = this.#options.monotonic();
    for (const watch of this.#watches) {
      const { target, pendingSince, latest } = watch;
      if (!hasNoticeDue(ledger.state(target), now, policy)) continue;
      const graceMs = latest === undefined ? firstNoticeGraceMs : noticeGraceMs;
      if (pendingSince === undefined && latest !== undefined) void this.#enqueue(watch);
      else if (pendingSince !== undefined && monotonic - pendingSince >= graceMs) this.#notify(watch, now);
    }
    this.#queue.pump();
  }

  beat(): void {
    const { ledger, now } = this.#options;
    const run = { polls: this.#polls, pollFailures: this.#pollFailures, droppedLines: ledger.droppedLines };
    this.#say('watcher.heartbeat', heartbeat(this.#states(), run, now()));
  }

  /** Begins no more polls, lets those under way finish for at most `graceMs`, then cuts them off. */
  async stop(graceMs: number): Promise<void> {
    const cutOff = setTimeout(() => this.#stopping.abort(), graceMs);
    await this.#queue.drain();
    clearTimeout(cutOff);
  }

  #begin(target: Target): Watch {
    return beginWatch(target, samplesBefore(target, this.#options.ledger, this.#options.now()));
  }

  async #poll(watch: Watch): Promise<void> {
    const { client, monotonic } = this.#options;
    const begun = monotonic();
    try {
      if (!this.#watches.includes(watch)) return;
      const result = await client.readMigration(watch.target, this.#stopping.signal);
      // It may have been taken out of the configuration meanwhile.
      if (!this.#watches.includes(watch)) return;
      this.#record(watch, result);
      this.#options.onPolled?.(watch.target, result, monotonic() - begun);
      // Others may be in use by now than the credentials that were refused.
      const refused = !result.ok && result.error.kind === 'unauthorized' && client === this.#options.client;
      watch.notBefore = refused ? pauseAfterRefusal(begun) : 0;
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#options.onFault(error);
    } finally {
      watch.pendingSince = undefined;
    }
  }

  /** Asks for a poll that begins at this moment of the monotonic clock at the earliest, or else at once. */
  #enqueue(watch: Watch, notBefore = this.#options.monotonic()): Promise<void> {
    watch.pendingSince = this.#options.monotonic();
    return this.#queue.add(watch, notBefore);
  }

  /** Tells the notices of a migration by what is remembered of it. */
  #notify({ target, latest }: Watch, now: number): void {
    const { ledger, policy, onFault } = this.#options;
    const { groupId, liveMigrationId } = target;
    const state = ledger.state(target);
    if (state === undefined) return;
    try {
      const step = cutoverNotices(target, state, now, policy, latest === undefined);
      ledger.record({ groupId, liveMigrationId, ...step });
    } catch (error) {
      onFault(error);
    }
  }

  #record(watch: Watch, result: PollResult): void {
    const { ledger, policy, now } = this.#options;
    const { target } = watch;
    const { groupId, liveMigrationId } = target;
    const state = ledger.recall(target);
    const resumed = state?.observation !== undefined && state.observation.observedAt !== watch.readAt;
    const others = () => this.#othersOf(watch);
    const situation = { ...watch, state, resumed, others, first: watch.latest === undefined };
    const { samples, cadence, ...change } = pollStep(situation, result, now(), policy);
    if (state?.outage?.told === 'for all' && change.state.outage?.told !== 'for all')
      dismissSharing(ledger, this.#options.targets);
    ledger.record({ groupId, liveMigrationId, ...change });
    Object.assign(watch, { samples, cadence, latest: result.ok ? 'read' : result.error });
    if (result.ok || result.error.kind === 'not_found') watch.doubted = false;
    this.#polls += 1;
    if (result.ok) {
      this.#settledReported = false;
      watch.readAt = change.state.observation?.observedAt;
      this.#reportRetirement(result.retirement);
    } else this.#pollFailures += 1;
    this.#reportIfSettled();
  }

  #othersOf(watch: Watch): Others {
    const { ledger, now } = this.#options;
    const others = this.#watches.filter((other) => other !== watch && !this.#isSettled(other));
    return othersTogether(
      others.map(({ target, latest }) => ({ latest, state: ledger.state(target) })),
      ledger.state(watch.target)?.outage?.since ?? now(),
    );
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

  #isSettled(watch: Watch): boolean {
    return isSettled(watch, this.#options.ledger.state(watch.target));
  }

  #states() {
    return this.#watches.map(({ target }) => this.#options.ledger.state(target));
  }

  #say<Name extends EventName>(name: Name, fields: EventFields[Name]): void {
    this.#options.emit(buildEvent(name, fields, this.#options.now()));
  }
}
