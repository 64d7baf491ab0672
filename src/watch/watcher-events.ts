import type { AtlasError } from '../atlas/atlas-error.ts';
import type { CredentialKind } from '../atlas/authenticator.ts';
import type { DeprecationNotice } from '../atlas/client.ts';
import type { ErrorKind } from '../atlas/error-kind.ts';
import type { EventFields, EventName } from '../events/catalogue.ts';
import type { Emit } from '../events/emitter.ts';
import { buildEvent } from '../events/event-record.ts';
import type { MigrationState } from '../state/migration-state.ts';
import type { MigrationSnapshot } from './fleet.ts';
import { headline, utcTimes } from './headline.ts';
import { isoTime } from './migration/event-draft.ts';
import { stalledSeconds } from './migration/lag-stall.ts';
import { deadlineOf, readinessOf, runningWindow } from './migration/readiness-window.ts';
import type { Clock } from './schedule/poller.ts';
import { headlineFacts, isReachable, type StandingPolicyOf } from './standing.ts';

type States = readonly (MigrationState | undefined)[];
type Episode = 'overrun' | 'deprecation' | 'settled';

/** A failed poll of one errorType is a warning again after this time. */
const warnEveryMs = 60_000;

/** Emits what concerns the watcher itself: on a timer, or once an episode. It outlives a reload. */
export class WatcherEvents {
  readonly #emit: Emit;
  readonly #clock: Clock;
  readonly #counts = { polls: 0, pollFailures: 0 };
  /** When a failed poll of each errorType was last a warning, of the monotonic clock in ms. */
  readonly #warnedAt = new Map<ErrorKind, number>();
  /** What has been reported and still lasts. */
  readonly #reported = new Set<Episode>();
  /** Of the latest heartbeat, by the monotonic clock in ms. */
  #beatAt: number;

  constructor(emit: Emit, clock: Clock) {
    this.#emit = emit;
    this.#clock = clock;
    this.#beatAt = clock.monotonic();
  }

  /** Emits a heartbeat when the latest is `everyMs` old. */
  heartbeat(everyMs: number, facts: () => Omit<HeartbeatFacts, 'polls' | 'pollFailures' | 'now'>): void {
    const elapsedMs = this.#clock.monotonic() - this.#beatAt;
    if (elapsedMs < everyMs) return;
    this.#beatAt += Math.floor(elapsedMs / everyMs) * everyMs;
    this.#send('watcher.heartbeat', heartbeat({ ...facts(), ...this.#counts, now: this.#clock.now() }));
  }

  /** Counts a poll that has ended, and reports a deprecation that its reply announces. */
  polled(deprecation: DeprecationNotice | undefined): void {
    this.#counts.polls += 1;
    if (deprecation !== undefined && this.#begins('deprecation'))
      this.#send('watcher.api_deprecated', { ...deprecation });
  }

  /** Counts a failed poll; returns whether another one of its kind was a warning within the last minute. */
  pollFailed({ kind }: AtlasError): boolean {
    const now = this.#clock.monotonic();
    this.#counts.polls += 1;
    this.#counts.pollFailures += 1;
    const isRepeated = now - (this.#warnedAt.get(kind) ?? Number.NEGATIVE_INFINITY) < warnEveryMs;
    if (!isRepeated) this.#warnedAt.set(kind, now);
    return isRepeated;
  }

  /** Reports that polls fall behind their schedule, once until they do not. */
  overrun(
    isBehind: boolean,
    { waitingDue, running }: { readonly waitingDue: number; readonly running: number },
  ): void {
    if (!isBehind) this.#reported.delete('overrun');
    else if (this.#begins('overrun'))
      this.#send('watcher.overrun', { waiting: waitingDue, underWay: running });
  }

  /** Reports that all are settled, once until some are not; returns whether it did. */
  settled(states: States): boolean {
    if (!this.#begins('settled')) return false;
    this.#send('watcher.settled', { migrations: states.length, statuses: countStatuses(states) });
    return true;
  }

  unsettled(): void {
    this.#reported.delete('settled');
  }

  #begins(episode: Episode): boolean {
    if (this.#reported.has(episode)) return false;
    this.#reported.add(episode);
    return true;
  }

  #send<Name extends EventName>(name: Name, fields: EventFields[Name]): void {
    this.#emit(buildEvent(name, fields, this.#clock.now()));
  }
}

/** Returns how many migrations have each status; what has not been read yet counts as `UNKNOWN`. */
export function countStatuses(states: States): Record<string, number> {
  const counts = new Map<string, number>();
  for (const state of states) {
    const status = state?.settlement ?? state?.known.status ?? 'UNKNOWN';
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

/** What a heartbeat is made of. Counts are since the start of this run; `now` in ms since 1970. */
export interface HeartbeatFacts {
  readonly migrations: readonly MigrationSnapshot[];
  readonly policyOf: StandingPolicyOf;
  readonly credential: CredentialKind;
  readonly polls: number;
  readonly pollFailures: number;
  /** Lines that standard output did not take in time. */
  readonly droppedLines: number;
  readonly now: number;
}

/** Returns the fields of a heartbeat: how everything stands, in a headline and in counts. */
export function heartbeat(facts: HeartbeatFacts): EventFields['watcher.heartbeat'] {
  const { migrations, policyOf, credential, polls, pollFailures, droppedLines, now } = facts;
  const states = migrations.map(({ state }) => state);
  const count = (matches: (state: MigrationState) => boolean): number =>
    states.filter((state) => state !== undefined && matches(state)).length;
  const observed = states
    .filter((state) => state?.settlement === undefined)
    .map((state) => state?.observation?.observedAt)
    .filter((observedAt) => observedAt !== undefined);
  const nextDeadline = nearestDeadline(migrations, policyOf);
  const standings = headlineFacts(migrations, { alive: true }, credential, now, policyOf);
  return {
    headline: headline(standings, now, utcTimes(now)).text,
    migrations: states.length,
    statuses: countStatuses(states),
    ready: count((state) => readinessOf(state) !== undefined),
    stalled: count((state) => stalledSeconds(state) !== undefined),
    unreachable: migrations.filter((one) => isReachable(one, now, policyOf(one.target)) === false).length,
    settled: count(({ settlement }) => settlement !== undefined),
    ...(nextDeadline !== undefined && { nextDeadline: isoTime(nextDeadline) }),
    polls,
    pollFailures,
    ...(observed.length > 0 && {
      oldestObservationSeconds: Math.max(0, Math.round((now - least(observed)) / 1000)),
    }),
    ...(droppedLines > 0 && { droppedLines }),
  };
}

/** Returns the nearest end of a window, in ms since 1970; undefined when none runs. */
export function nearestDeadline(
  migrations: readonly Pick<MigrationSnapshot, 'state' | 'target'>[],
  policyOf: StandingPolicyOf,
): number | undefined {
  const deadlines = migrations.flatMap(({ state, target }) => {
    const readiness = runningWindow(state);
    return readiness === undefined ? [] : [deadlineOf(readiness, policyOf(target))];
  });
  return deadlines.length === 0 ? undefined : least(deadlines);
}

function least(moments: readonly number[]): number {
  return moments.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
}
