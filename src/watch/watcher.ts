import type { AtlasError } from '../atlas/atlas-error.ts';
import type { PollResult } from '../atlas/client.ts';
import {
  downUntil,
  isSettled,
  type MigrationSnapshot,
  samplesBefore,
  type WatchedMigration,
  watchMigration,
} from './fleet.ts';
import type { LivenessView } from './liveness.ts';
import { applyPoll } from './migration/apply-poll.ts';
import type { Cadence } from './migration/cadence.ts';
import { deadlineEvents, hasNoticeDue } from './migration/deadline-events.ts';
import type { Target } from './migration/target.ts';
import { keyOf, type TargetChanges, targetChanges } from './migration/target.ts';
import type { Others } from './outage.ts';
import { PollQueue } from './poll-queue.ts';
import { refusedTogether } from './refusals.ts';
import { isFree, isLate, pauseAfterRefusal, roundOf } from './round.ts';
import { Standings } from './standings.ts';
import { appointTeller, dismissSharing, handOver } from './tellers.ts';
import { WatcherEvents } from './watcher-events.ts';
import type { Reconfiguration, WatcherOptions } from './watcher-options.ts';

/** What is near readiness goes before whatever of its project has waited less than this longer. */
const nearHeadStartMs = 60_000;

/** How long a poll may keep people from a notice before they are told what was known before it. */
const noticeGraceMs = 10_000;
/** The same for the first poll of a run: what was known before it may be days old. */
const firstNoticeGraceMs = 60_000;

/** Polls migrations in rounds and records what each poll leads to. It owns no schedule: ticks are given to it. */
export class Watcher {
  #options: WatcherOptions;
  #watches: readonly WatchedMigration[];
  readonly #standings: Standings;
  /** Taken out of the configuration while a poll of theirs was waiting or under way. */
  #leaving: readonly WatchedMigration[] = [];
  readonly #queue: PollQueue<WatchedMigration>;
  readonly #stopping = new AbortController();
  #polls = 0;
  #pollFailures = 0;
  readonly #announcements: WatcherEvents;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#announcements = new WatcherEvents(options.emit, options.now);
    this.#watches = options.targets.map((target) => this.#begin(target));
    appointTeller(options.ledger, options.targets, options.now());
    this.#standings = new Standings(options.ledger);
    this.#standings.count(this.#watches);
    this.#queue = new PollQueue({
      concurrency: () => this.#options.concurrency,
      monotonic: options.monotonic,
      laneOf: ({ target }) => target.groupId,
      headStartMs: ({ cadence }) => (cadence === 'approaching' ? nearHeadStartMs : 0),
      laneWaitMs: (groupId) => options.limits.waitMs(groupId),
      run: (watch) => {
        options.limits.take(watch.target.groupId);
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
  get watched(): readonly MigrationSnapshot[] {
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
    for (const watch of this.#watches) watch.doubted = true;
    this.#standings.count(this.#watches);
    this.#leaving = pending.filter((watch) => !this.#standings.has(watch));
    if (changes.added.length > 0) this.#announcements.unsettled();
    this.#queue.keep(new Set(next.targets.map(({ groupId }) => groupId)));
    for (const watch of refused) watch.notBefore = 0;
    for (const watch of this.#watches) {
      const isGone = this.#options.ledger.state(watch.target)?.settlement === 'DISAPPEARED';
      const isNews = isGone || refused.includes(watch) || !former.has(keyOf(watch.target));
      if (isNews && watch.pendingSince === undefined && !this.#isSettled(watch)) void this.#enqueue(watch);
    }
    this.#queue.pump();
    this.#reportIfSettled();
    return changes;
  }

  /** Begins the round of a tick, and says so when the round before is still running. */
  tick(cadence: Cadence, intervalMs: number): void {
    const { monotonic, limits } = this.#options;
    const late = this.#watches.some(
      (watch) =>
        watch.cadence === cadence &&
        isLate(watch, limits.pausedUntil(watch.target.groupId), monotonic(), intervalMs),
    );
    const { waiting, underWay } = this.#queue;
    this.#announcements.overrun(cadence, late, { waiting, underWay });
    void this.round(intervalMs, cadence);
  }

  /**
   * Polls every migration of this cadence that is neither settled nor waiting or being polled already, spread over
   * the interval. The promise resolves when all of these polls are done.
   */
  async round(intervalMs: number, cadence: Cadence = 'default'): Promise<void> {
    this.#reportIfSettled();
    const start = this.#options.monotonic();
    const polls = roundOf(this.#open, cadence, start, intervalMs).map(([watch, at]) =>
      this.#enqueue(watch, at),
    );
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
    const { droppedLines } = this.#options.ledger;
    const run = { polls: this.#polls, pollFailures: this.#pollFailures, droppedLines };
    this.#announcements.beat(this.#states(), run);
  }

  /** Begins no more polls, lets those under way finish for at most `graceMs`, then cuts them off. */
  async stop(graceMs: number): Promise<void> {
    const cutOff = setTimeout(() => this.#stopping.abort(), graceMs);
    await this.#queue.drain();
    clearTimeout(cutOff);
  }

  #begin(target: Target): WatchedMigration {
    const now = this.#options.now();
    return watchMigration(target, samplesBefore(target, this.#options.ledger, now), now);
  }

  async #poll(watch: WatchedMigration): Promise<void> {
    const { client, monotonic } = this.#options;
    const begun = monotonic();
    try {
      if (!this.#standings.has(watch)) return;
      const result = await client.readMigration(watch.target, this.#stopping.signal);
      // It may have been taken out of the configuration meanwhile.
      if (!this.#standings.has(watch)) return;
      const former = this.#refusedTogether(watch);
      this.#record(watch, result);
      this.#polls += 1;
      if (!result.ok) this.#pollFailures += 1;
      this.#options.onPolled?.(watch.target, result, monotonic() - begun);
      // Others may be in use by now than the credentials that were refused.
      const refused = !result.ok && result.error.kind === 'unauthorized' && client === this.#options.client;
      watch.notBefore = refused ? pauseAfterRefusal(begun) : 0;
      if (refused) this.#refuseToo(watch, result, begun);
      else if (result.ok) this.#takeUp(former);
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#options.onFault(error);
    } finally {
      watch.pendingSince = undefined;
    }
  }

  /** Counts first, as to look for them goes through all. */
  #refusedTogether(watch: WatchedMigration): readonly WatchedMigration[] {
    return this.#standings.isRefusedTogether(watch) ? refusedTogether(this.#open, watch) : [];
  }

  /** Lets a refusal count for those that are not polled because of it. */
  #refuseToo(watch: WatchedMigration, result: PollResult, begun: number): void {
    for (const other of this.#refusedTogether(watch)) {
      if (!isFree(other, begun)) continue;
      this.#record(other, result);
      other.notBefore = watch.notBefore;
    }
  }

  /** Polls at once what was let alone while one that has been read now was refused as well. */
  #takeUp(refused: readonly WatchedMigration[]): void {
    for (const watch of refused) {
      watch.notBefore = 0;
      if (watch.pendingSince === undefined) void this.#enqueue(watch);
    }
    this.#queue.pump();
  }

  /** Asks for a poll that begins at this moment of the monotonic clock at the earliest, or else at once. */
  #enqueue(watch: WatchedMigration, notBefore = this.#options.monotonic()): Promise<void> {
    watch.pendingSince = this.#options.monotonic();
    return this.#queue.add(watch, notBefore);
  }

  /** Tells the notices of a migration by what is remembered of it. */
  #notify(watch: WatchedMigration, now: number): void {
    const { ledger, policy, onFault } = this.#options;
    const { target } = watch;
    const { groupId, liveMigrationId } = target;
    const state = ledger.state(target);
    if (state === undefined) return;
    try {
      const step = deadlineEvents(target, state, now, policy, downUntil(watch));
      ledger.record({ groupId, liveMigrationId, ...step });
    } catch (error) {
      onFault(error);
    }
  }

  #record(watch: WatchedMigration, result: PollResult): void {
    const { ledger, policy, now } = this.#options;
    const { target } = watch;
    const { groupId, liveMigrationId } = target;
    const state = ledger.recall(target);
    const resumed = state?.observation !== undefined && state.observation.observedAt !== watch.readAt;
    const others = (): Others => this.#othersOf(watch);
    const situation = { ...watch, state, resumed, others, downUntil: downUntil(watch) };
    const { samples, cadence, ...change } = applyPoll(situation, result, now(), policy);
    if (state?.outage?.told === 'for all' && change.state.outage?.told !== 'for all')
      dismissSharing(ledger, this.#options.targets);
    ledger.record({ groupId, liveMigrationId, ...change });
    Object.assign(watch, { samples, cadence, latest: result.ok ? 'read' : result.error });
    if (result.ok || result.error.kind === 'not_found') watch.doubted = false;
    this.#standings.update(watch);
    if (result.ok) {
      this.#announcements.unsettled();
      watch.readAt = change.state.observation?.observedAt;
      this.#announcements.deprecation(result.deprecation);
    }
    this.#reportIfSettled();
  }

  #othersOf(watch: WatchedMigration): Others {
    const { ledger, now } = this.#options;
    return this.#standings.others(watch, ledger.state(watch.target)?.outage?.since ?? now());
  }

  #reportIfSettled(): void {
    if (this.#standings.open > 0) return;
    if (this.#announcements.settled(this.#states())) this.#options.onSettled();
  }

  get #open(): readonly WatchedMigration[] {
    return this.#watches.filter((watch) => !this.#isSettled(watch));
  }

  #isSettled(watch: WatchedMigration): boolean {
    return isSettled(watch, this.#options.ledger.state(watch.target));
  }

  #states() {
    return this.#watches.map(({ target }) => this.#options.ledger.state(target));
  }
}
