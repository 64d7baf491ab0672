import { setTimeout as delay } from 'node:timers/promises';
import { buildEvent, type EventRecord } from '../events/event-record.ts';
import { StandardOutputSink } from '../sinks/standard-output.ts';
import type { LeaseView, SharedStore, Taking } from '../state/leased-store.ts';
import { StateError } from '../state/store.ts';
import { liveness } from '../watch/liveness.ts';
import { monotonicNow, systemClock } from '../watch/schedule/poller.ts';
import { FollowedStore } from './followed-store.ts';
import type { SessionSettings } from './session.ts';
import { servedSettings } from './telemetry.ts';
import type { Kept, RoleReader, Term } from './term.ts';

/** How often a standby looks at the lease, and at what has changed, in ms. */
const lookEveryMs = 1_000;
const shortestPauseMs = 100;

/** What a standby knows of the lease, by its monotonic clock in ms. */
export interface StandbyFacts {
  readonly lease: Pick<LeaseView, 'holder' | 'remainingMs'>;
  readonly leaseMs: number;
  /** Since when the store can be reached again; undefined where it always could. */
  readonly backSince: number | undefined;
}

/**
 * Returns whether a standby takes the lease: it was given back, or has expired. Where the store was out of reach, the
 * holder could not renew it either: it gets the length of a lease to come back, as it knows what happened meanwhile.
 */
export function isToTakeOver({ lease, leaseMs, backSince }: StandbyFacts, now: number): boolean {
  if (lease.holder === undefined) return true;
  if (lease.remainingMs > 0) return false;
  return backSince === undefined || now - backSince >= leaseMs;
}

/** What an attempt to take the lease led to, and when it began by the monotonic clock in ms. */
export interface Taken {
  readonly taking: Extract<Taking, { taken: true }>;
  readonly takenAt: number;
}

/** This watcher stands by: it shows what the store has, and takes over when the active one does not renew its lease. */
export interface StandbyTerm extends Term {
  /** Resolves when this watcher has taken the lease; to undefined at the end. */
  readonly ended: Promise<Taken | undefined>;
  /** Who holds the lease, as far as it is known. */
  readonly lease: LeaseView;
  /** For how long it has stood by, in ms. */
  readonly ageMs: number;
  /** Looks no more. Resolves when a look that is under way has ended. */
  close(): Promise<void>;
}

/** Opens a standby that follows the store. It goes on where the store cannot be reached. */
export async function openStandbyTerm(
  kept: Kept<SharedStore>,
  first: SessionSettings,
  leaseMs: number,
  lease: LeaseView,
): Promise<StandbyTerm> {
  const { store, write, telemetry, fail } = kept;
  const begunAt = monotonicNow();
  const ending = new AbortController();
  const sink = new StandardOutputSink({ log: store, write });
  const view = new FollowedStore(kept, first);
  let latest = lease;
  let wokenAt = begunAt;
  /** Since when the store cannot be read, in ms since 1970. */
  let awaySince: number | undefined;
  let isFollowed = false;
  let isLeaseAway = false;
  let backSince: number | undefined;
  let running = Promise.resolve();

  function emit(record: EventRecord): void {
    sink.offer([{ kind: 'passing', record }]);
    void sink.deliver();
    telemetry.onEvents([record], false);
  }

  /** Says once that the store cannot be read, and once that it can again. Resolves to the result, where there is one. */
  async function reported<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      const result = await work();
      if (awaySince !== undefined) {
        const downSeconds = Math.max(0, Math.round((systemClock.now() - awaySince) / 1000));
        emit(buildEvent('watcher.state_recovered', { downSeconds, standby: true }, systemClock.now()));
      }
      awaySince = undefined;
      return result;
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      const { reason, remedy } = error;
      // Nothing comes after the last line.
      if (awaySince === undefined && !ending.signal.aborted)
        emit(
          buildEvent(
            'watcher.state_unavailable',
            { reason, path: store.path, remedy, standby: true },
            systemClock.now(),
          ),
        );
      awaySince ??= systemClock.now();
      return undefined;
    }
  }

  /** Looks at the lease, and takes it where that is due. */
  async function lookAtLease(): Promise<Taken | undefined> {
    const wasAway = isLeaseAway;
    isLeaseAway = true;
    latest = await store.lease.look();
    if (wasAway) backSince = monotonicNow();
    let taken: Taken | undefined;
    if (isToTakeOver({ lease: latest, leaseMs, backSince }, monotonicNow())) {
      const takenAt = monotonicNow();
      const taking = await store.lease.take();
      if (taking.taken) taken = { taking, takenAt };
      else latest = taking.lease;
    }
    isLeaseAway = false;
    return taken;
  }

  async function look(): Promise<Taken | undefined> {
    wokenAt = monotonicNow();
    let taken: Taken | undefined;
    await reported(async () => {
      taken = await lookAtLease();
      // Streams get also what the former holder stored last.
      await view.follow();
      isFollowed = true;
    });
    return taken;
  }

  async function run(): Promise<Taken | undefined> {
    while (!ending.signal.aborted) {
      const taken = await look();
      if (taken !== undefined) return taken;
      // When the lease is about to end, it looks at that moment.
      const { remainingMs } = latest;
      const isEnding = awaySince === undefined && remainingMs > 0 && remainingMs < lookEveryMs;
      const pauseMs = isEnding ? Math.max(remainingMs, shortestPauseMs) : lookEveryMs;
      await delay(pauseMs, undefined, { signal: ending.signal }).catch(() => {});
    }
    return undefined;
  }

  const reader: RoleReader = {
    settings: () => servedSettings(view),
    snapshots: () => view.fleet.snapshots,
    openOutages: () => view.fleet.scopes.openScopes,
    liveness: () => liveness({ wokenAt, oldestStartedAt: undefined, pollTimeoutMs: 0 }, monotonicNow()),
    status: () => ({
      firstRoundDone: isFollowed && awaySince === undefined,
      stateWritable: awaySince === undefined,
    }),
    notifications: () => ({ receivers: [], pingTakenAt: undefined }),
  };
  try {
    await view.follow();
    isFollowed = true;
  } catch (error) {
    // The first look fails as well, and says so.
    if (!(error instanceof StateError)) throw error;
  }
  const { promise: ended, resolve } = Promise.withResolvers<Taken | undefined>();
  return {
    reader,
    ended,
    get settings() {
      return view.settings;
    },
    get lease() {
      return latest;
    },
    get ageMs() {
      return monotonicNow() - begunAt;
    },
    get droppedLines() {
      return sink.droppedLines;
    },
    get delivered() {
      return sink.delivered;
    },
    emit,
    deliver: () => void sink.deliver(),
    begin() {
      running = run()
        .catch((fault: unknown) => {
          fail(fault);
          return undefined;
        })
        .then(resolve);
    },
    apply: (next) => view.use(next),
    async close() {
      ending.abort();
      await running;
    },
  };
}
