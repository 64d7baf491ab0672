import { eventId } from '../events/event-id.ts';
import { buildEvent } from '../events/event-record.ts';
import type { OperatorRequest } from '../state/operator-word.ts';
import type { Recorder } from '../state/recorder.ts';
import { StateError, type StoredRequest } from '../state/store.ts';
import type { Fleet, WatchedMigration } from './fleet.ts';
import { applyClock } from './migration/apply-poll.ts';
import { planEnd } from './migration/cutover-plan.ts';
import type { EventDraft } from './migration/event-draft.ts';
import { takeRequest } from './migration/operator-request.ts';
import { hasNewWord } from './migration/stated-words.ts';
import { pollIntervalMs } from './next-poll.ts';
import type { WatchPlan } from './policy.ts';
import type { Clock } from './schedule/poller.ts';

/** The loop wakes for every poll, which may be often. */
const lookEveryMs = 250;

interface OperatorWordsOptions {
  readonly fleet: Fleet;
  readonly recorder: Recorder;
  readonly plan: WatchPlan;
  readonly clock: Clock;
  /** Called with a mistake of this program. */
  readonly onFault: (error: unknown) => void;
}

/**
 * Takes up what people state: the requests that commands leave in the store, and the words of the configuration. The
 * decisions are in `migration/`. A request is removed in the transaction that has its event.
 */
export class OperatorWords {
  readonly #options: OperatorWordsOptions;
  /** A look for requests is under way. */
  #isLooking = false;
  /** When the latest one began, of the monotonic clock in ms. */
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(options: OperatorWordsOptions) {
    this.#options = options;
  }

  /** Takes the requests that wait. Call it at least once a second; calls that follow soon do nothing. */
  takeRequests(): void {
    const { clock, onFault } = this.#options;
    if (this.#isLooking || clock.monotonic() - this.#lookedAt < lookEveryMs) return;
    this.#isLooking = true;
    this.#lookedAt = clock.monotonic();
    void this.#takeAll()
      .catch(onFault)
      .finally(() => {
        this.#isLooking = false;
      });
  }

  /**
   * Takes what the configuration states, and ends an acknowledgement whose time is over. Returns the migration
   * where a poll has to show if a planned cutover was missed. To be called once a second; `now` in ms since 1970.
   */
  check(migration: WatchedMigration, now: number, monotonic: number): readonly WatchedMigration[] {
    const { target, key, endedAt, dueAt } = migration;
    const state = this.#options.recorder.state(target, key);
    const { acknowledged, plan } = state?.operator ?? {};
    // First, because most migrations have no word.
    if (target.cutover === undefined && state?.operator === undefined) return [];
    const isOver = (acknowledged?.until ?? Number.POSITIVE_INFINITY) <= now;
    if (state !== undefined && (isOver || hasNewWord(target, state)))
      this.record(migration, { state, drafts: [] }, now);
    if (plan === undefined || plan.missed || state?.settlement !== undefined) return [];
    const isOpen = planEnd(plan) <= now && endedAt !== undefined && endedAt < planEnd(plan);
    return isOpen && dueAt > monotonic ? [migration] : [];
  }

  /** Records a change, with all that the clock and people make due at this moment; `request` is the id of what is taken up. */
  record(
    migration: WatchedMigration,
    {
      state,
      drafts,
    }: { readonly state: Parameters<typeof applyClock>[1]; readonly drafts: readonly EventDraft[] },
    now: number,
    request?: string,
  ): void {
    const { target, samples } = migration;
    const { groupId, liveMigrationId } = target;
    const before = this.#options.recorder.state(target);
    const intervalMs = pollIntervalMs(migration, before, this.#options.plan, now);
    const context = { target, now, intervalMs, samples, state: before, drafts };
    const after = applyClock(context, state, this.#options.plan.planFor(target).policy);
    this.#options.recorder.record({
      migration: { groupId, liveMigrationId, state: after.state },
      events: after.events,
      ...(request !== undefined && { requests: [request] }),
    });
  }

  async #takeAll(): Promise<void> {
    const { recorder, clock } = this.#options;
    try {
      for (const request of await recorder.requests()) this.#takeOrRefuse(request, clock.now());
    } catch (error) {
      // They wait until the store works again.
      if (!(error instanceof StateError)) throw error;
    }
  }

  /** One that cannot be handled must not block those behind it. */
  #takeOrRefuse(request: StoredRequest, now: number): void {
    try {
      this.#take(request, now);
    } catch {
      this.#options.recorder.record({
        events: [refusal(request.id, undefined, now)],
        requests: [request.id],
      });
    }
  }

  #take({ id, request }: StoredRequest, now: number): void {
    const migration = request && this.#options.fleet.get(`${request.groupId}/${request.liveMigrationId}`);
    if (request === undefined || migration === undefined) {
      this.#options.recorder.record({ events: [refusal(id, request, now)], requests: [id] });
      return;
    }
    // The id of the row counts: it is what the command waits for, and unique.
    const state = this.#options.recorder.state(migration.target);
    const { policy } = this.#options.plan.planFor(migration.target);
    this.record(migration, takeRequest({ ...request, id }, state, now, policy), now, id);
  }
}

/** Returns the event of a request that is about no migration of this watcher, or that cannot be read. */
function refusal(id: string, request: OperatorRequest | undefined, now: number) {
  const at = request?.requestedAt ?? 0;
  const subject = 'request';
  const event = 'watcher.request_refused' as const;
  const head = { eventId: eventId({ subject, event, at, detail: id }), requestId: id };
  if (request === undefined)
    return buildEvent(
      event,
      {
        ...head,
        reason: 'unreadable',
        detail: 'It cannot be read. Give the command again with this version.',
      },
      now,
    );
  const { command, migration, groupId, liveMigrationId, author, comment } = request;
  const detail =
    'This watcher does not watch it. Compare the configuration of the command with that of the watcher.';
  const said = { ...(author !== undefined && { author }), ...(comment !== undefined && { comment }) };
  const fields = {
    command,
    reason: 'unknown_migration' as const,
    detail,
    migration,
    groupId,
    liveMigrationId,
  };
  return buildEvent(event, { ...head, ...fields, ...said }, now);
}
