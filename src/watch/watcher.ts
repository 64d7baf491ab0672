import type { AtlasClient, PollResult } from '../atlas/client.ts';
import type { Recorder } from '../state/recorder.ts';
import type { Fleet, WatchedMigration } from './fleet.ts';
import { type Liveness, liveness } from './liveness.ts';
import { applyPoll } from './migration/apply-poll.ts';
import { hasNoticeDue, noticeGraceMs } from './migration/deadline-events.ts';
import type { Target } from './migration/target.ts';
import { nextPollOf, pollIntervalMs } from './next-poll.ts';
import { OperatorWords } from './operator-words.ts';
import { pollFailed } from './outage/outage-events.ts';
import { OutageReports } from './outage-reports.ts';
import type { WatchPlan } from './policy.ts';
import { isBehind } from './schedule/due-time.ts';
import { type Clock, type MayStart, monotonicDue, Poller } from './schedule/poller.ts';
import type { RateLimiter } from './schedule/rate-limiter.ts';
import type { HeartbeatFacts, WatcherEvents } from './watcher-events.ts';

/** How often to check what the clock makes due, in ms. */
const checkEveryMs = 1_000;

export interface WatcherOptions {
  readonly plan: WatchPlan;
  readonly standing: Pick<HeartbeatFacts, 'policyOf' | 'credential'>;
  readonly client: AtlasClient;
  readonly limiter: RateLimiter;
  /** Another connection, or other credentials, than in the previous session: what failed is polled at once. */
  readonly isNewConnection: boolean;
  readonly recorder: Recorder;
  readonly fleet: Fleet;
  readonly events: WatcherEvents;
  readonly clock: Clock;
  /** Lines that standard output did not take in time. */
  readonly droppedLines: () => number;
  /** Called after the changes of a poll are recorded. */
  readonly onPolled: (target: Target, result: PollResult, durationMs: number) => void;
  readonly mayPoll?: MayStart | undefined;
  /** Called at least once a second, while the loop runs. */
  readonly onWake: () => void;
  /** Called when Atlas refused the credentials. */
  readonly onRefused: () => void;
  /** Called once, when all migrations are settled. */
  readonly onSettled: () => void;
  /** Called with a mistake of this program. */
  readonly onFault: (error: unknown) => void;
}

/**
 * The loop: a migration is due, it is polled, pure functions decide what that changes, the recorder records it, and the
 * migration gets its next due time. What outlives a reload is in the fleet and the recorder.
 */
export class Watcher {
  readonly #options: WatcherOptions;
  readonly #poller: Poller<WatchedMigration>;
  readonly #outages: OutageReports;
  readonly #words: OperatorWords;
  readonly #cutOff = new AbortController();
  readonly #firstRound = Promise.withResolvers<void>();
  readonly #unpolled = new Set<WatchedMigration>();
  readonly #polls = new Set<Promise<void>>();
  #checkedAt = Number.NEGATIVE_INFINITY;

  constructor(options: WatcherOptions) {
    const { clock, plan, limiter, fleet, recorder, mayPoll } = options;
    this.#options = options;
    this.#outages = new OutageReports(fleet, recorder, plan);
    this.#words = new OperatorWords(options);
    this.#poller = new Poller(clock, { concurrency: plan.concurrency, lanes: limiter }, mayPoll);
  }

  /** Resolves when all that is due at once has been polled: at a start, every migration. */
  get firstRound(): Promise<void> {
    return this.#firstRound.promise;
  }

  /** Whether the loop runs; never dependent on Atlas. */
  get liveness(): Liveness {
    const { clock, plan } = this.#options;
    const { wokenAt, oldestStartedAt } = this.#poller;
    return liveness({ wokenAt, oldestStartedAt, ...plan.request }, clock.monotonic());
  }

  /** Polls until `stop` or `retire`. */
  async run(): Promise<void> {
    this.#scheduleAll();
    for await (const due of this.#poller.wakes()) {
      for (const migration of due) this.#begin(migration);
      this.#checkClock();
      this.#words.takeRequests();
      this.#options.onWake();
    }
  }

  /** Starts no more polls. Resolves when running polls have ended, after `graceMs` at the latest. */
  async stop(graceMs: number): Promise<void> {
    const cutOff = setTimeout(() => this.#cutOff.abort(), graceMs);
    await this.retire();
    clearTimeout(cutOff);
  }

  /** Starts no more polls, because another watcher takes over. Resolves, as `firstRound` does, when running ones end. */
  async retire(): Promise<void> {
    this.#poller.stop();
    await Promise.all(this.#polls);
    this.#firstRound.resolve();
  }

  #scheduleAll(): void {
    const { fleet, clock } = this.#options;
    for (const migration of this.#outages.afterMembersChanged(clock.now())) this.#pollNow(migration);
    for (const migration of fleet.all) {
      const { polling } = migration;
      if (polling === undefined) this.#resume(migration);
      else void this.#resumeAfter(polling, migration);
      // One that is held back is not waited for.
      const isAwaited = polling !== undefined || this.#poller.has(migration);
      if (isAwaited && this.#isNews(migration)) this.#unpolled.add(migration);
    }
    this.#reportProgress();
  }

  /** Returns whether a migration was never polled in this run, or failed over another connection. */
  #isNews({ latest }: WatchedMigration): boolean {
    return latest === undefined || (this.#options.isNewConnection && latest !== 'read');
  }

  #resume(migration: WatchedMigration): void {
    const { dueAt } = migration;
    if (this.#isNews(migration)) this.#pollNow(migration);
    else this.#schedule(migration);
    // A waiting poll keeps its due time, so that frequent reloads do not delay it.
    if (dueAt < migration.dueAt) this.#pollAt(migration, dueAt);
  }

  /** Waits for a poll of the former watcher. If it failed and the connection is new, the migration is polled again. */
  async #resumeAfter(polling: Promise<void>, migration: WatchedMigration): Promise<void> {
    await polling;
    this.#resume(migration);
    if (!this.#isNews(migration) || !this.#poller.has(migration)) this.#unpolled.delete(migration);
    this.#reportProgress();
  }

  #begin(migration: WatchedMigration): void {
    // It may have been removed, or be held back since it was asked for.
    if (!this.#mayPoll(migration)) {
      this.#end(migration);
      return;
    }
    const polling = this.#poll(migration);
    migration.polling = polling;
    this.#polls.add(polling);
    void polling.then(() => this.#polls.delete(polling));
  }

  async #poll(migration: WatchedMigration): Promise<void> {
    const { client, clock, fleet, limiter, plan, onPolled, onRefused, onFault } = this.#options;
    const { target } = migration;
    const [startedAt, started] = [clock.now(), clock.monotonic()];
    try {
      const result = await client.readMigration(target, plan.request, {
        signal: this.#cutOff.signal,
        onAttemptFailed: (error) => {
          limiter.attemptFailed(target.groupId, error);
          if (error.kind === 'unauthorized') onRefused();
        },
        pauseMs: () => limiter.pauseMs(target.groupId),
      });
      // A reload may have removed the migration in the meantime.
      if (!fleet.has(migration)) return;
      this.#record(migration, result, startedAt);
      onPolled(migration.target, result, clock.monotonic() - started);
    } catch (error) {
      if (!this.#cutOff.signal.aborted) onFault(error);
    } finally {
      migration.polling = undefined;
      this.#end(migration);
    }
  }

  #end(migration: WatchedMigration): void {
    // In this order, so that the project keeps its turn among others.
    this.#schedule(migration);
    this.#poller.done(migration);
    this.#unpolled.delete(migration);
    this.#reportProgress();
  }

  /** Decides what the end of a poll changes, and records it. */
  #record(migration: WatchedMigration, result: PollResult, startedAt: number): void {
    const { fleet, recorder, plan, clock, events, limiter } = this.#options;
    const { target, readAt } = migration;
    const { groupId, liveMigrationId } = target;
    const now = clock.now();
    limiter.observe(groupId, result);
    const state = recorder.state(target);
    const resumed = state?.observation !== undefined && state.observation.observedAt !== readAt;
    const intervalMs = pollIntervalMs(migration, state, plan, now);
    const times = { startedAt, now };
    const isNotFoundShared = !result.ok && this.#outages.isNotFoundShared(migration, result.error, times);
    const before = { ...migration, ...times, state, resumed, intervalMs, isNotFoundShared };
    const { policy } = plan.planFor(target);
    const after = applyPoll(before, result, policy);
    recorder.record({
      migration: { groupId, liveMigrationId, state: after.state, sample: after.sample },
      events: after.events,
    });
    fleet.update(migration, {
      endedAt: now,
      noticeSince: undefined,
      samples: after.samples,
      cadence: after.cadence,
      ...(result.ok ? { latest: 'read', readAt: now } : { latest: result.error }),
    });
    if (result.ok) events.polled(result.deprecation);
    else {
      const failed = { ...result, repeated: events.pollFailed(result.error) };
      for (const line of pollFailed({ target, now }, after.state, failed, policy)) recorder.emit(line);
    }
    // After the line of the poll, as an outage that is reported here follows from it.
    for (const other of this.#outages.afterPoll(migration, result, now)) this.#pollNow(other);
  }

  /** Looks once a second for what time alone makes due. */
  #checkClock(): void {
    const { fleet, recorder, plan, standing, clock, events, droppedLines } = this.#options;
    const [now, monotonic] = [clock.now(), clock.monotonic()];
    if (monotonic - this.#checkedAt < checkEveryMs) return;
    this.#checkedAt = monotonic;
    let behind = false;
    for (const migration of fleet.all) {
      this.#checkNotice(migration, now, monotonic);
      const stated = this.#words.check(migration, now, monotonic);
      for (const each of [...stated, ...this.#outages.check(migration, now)]) this.#pollNow(each);
      // One that was held back has no due time.
      if (migration.polling === undefined) this.#schedule(migration);
      behind ||= this.#isBehind(migration, monotonic);
    }
    events.overrun(behind, this.#poller);
    const facts = () => ({ ...standing, migrations: fleet.snapshots, droppedLines: droppedLines() });
    events.heartbeat(plan.heartbeatMs, facts);
    void recorder.maintain(now);
  }

  /** Polls a migration before a due notice, so that the notice is current. If that takes too long, emits it anyway. */
  #checkNotice(migration: WatchedMigration, now: number, monotonic: number): void {
    const { recorder, plan } = this.#options;
    const state = recorder.state(migration.target, migration.key);
    const since = migration.noticeSince ?? monotonic;
    const { policy } = plan.planFor(migration.target);
    migration.noticeSince = hasNoticeDue(state, now, policy) ? since : undefined;
    if (state === undefined || migration.noticeSince === undefined) return;
    if (monotonic - migration.noticeSince >= noticeGraceMs(migration.latest === undefined)) {
      migration.noticeSince = undefined;
      this.#words.record(migration, { state, drafts: [] }, now);
    } else if (migration.dueAt > monotonic) this.#pollNow(migration);
  }

  #isBehind(migration: WatchedMigration, monotonic: number): boolean {
    const { recorder, plan, limiter, clock } = this.#options;
    const { dueAt, target } = migration;
    const intervalMs = pollIntervalMs(migration, recorder.state(target), plan, clock.now());
    return isBehind({ dueAt, pausedUntil: limiter.pausedUntil(target.groupId), intervalMs }, monotonic);
  }

  #pollNow(migration: WatchedMigration): void {
    this.#pollAt(migration, this.#options.clock.monotonic());
  }

  /** Gives a migration its next due time, unless it has one. */
  #schedule(migration: WatchedMigration): void {
    if (this.#poller.has(migration)) return;
    migration.dueAt = Number.POSITIVE_INFINITY;
    if (!this.#mayPoll(migration)) return;
    const { recorder, plan, clock } = this.#options;
    const dueAt = nextPollOf(migration, recorder.state(migration.target), plan, clock.now());
    this.#pollAt(migration, monotonicDue(clock, dueAt));
  }

  #pollAt(migration: WatchedMigration, dueAt: number): void {
    if (!this.#mayPoll(migration) || !Number.isFinite(dueAt)) return;
    migration.dueAt = dueAt;
    this.#poller.set(migration, dueAt);
  }

  /** Returns whether this watcher polls a migration: not one that the former watcher still polls. */
  #mayPoll(migration: WatchedMigration): boolean {
    const { fleet } = this.#options;
    const { key, target, polling } = migration;
    if (polling !== undefined && !this.#polls.has(polling)) return false;
    return fleet.has(migration) && !fleet.scopes.isHeldBack(key, target.groupId);
  }

  #reportProgress(): void {
    const { fleet, events, onSettled } = this.#options;
    // One that was settled in an earlier run may have been retried since.
    if (this.#unpolled.size > 0) return;
    this.#firstRound.resolve();
    if (fleet.open > 0) events.unsettled();
    else if (events.settled(fleet.snapshots.map(({ state }) => state))) onSettled();
  }
}
