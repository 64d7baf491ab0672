import type { AtlasError } from '../../atlas/atlas-error.ts';
import type { PollResult } from '../../atlas/client.ts';
import type { EventRecord } from '../../events/event-record.ts';
import type { MigrationState } from '../../state/migration-state.ts';
import type { RecordedMigration } from '../../state/recorded-migrations.ts';
import type { LagSample } from '../../state/store.ts';
import {
  type AppliedPoll,
  applyPoll,
  type PollContext,
  type WatchPolicy,
} from '../../watch/migration/apply-poll.ts';
import type { Cadence } from '../../watch/migration/cadence.ts';
import { type LagTrend, lagTrend, recentSamples } from '../../watch/migration/lag-trend.ts';
import type { Target } from '../../watch/migration/target.ts';
import { type Other, othersTogether } from '../../watch/others.ts';

/** What this run knows of a migration that is waited for. */
export interface Waited {
  readonly target: Target;
  /** Undefined before the first poll has ended. */
  readonly state: MigrationState | undefined;
  /** Lag samples of late, oldest first. */
  readonly samples: readonly LagSample[];
  readonly trend: LagTrend | undefined;
  readonly cadence: Cadence;
  /** Why the latest poll failed, if it did. */
  readonly error: AtlasError | undefined;
  /** What a watcher has recorded of it, until it has been read. */
  readonly recorded?: RecordedMigration | undefined;
}

/** What a migration is to be. */
export type Goal = 'ready' | 'complete';

/** Where a migration stands: it is there, may still come there, or has ended otherwise. */
export type Standing = 'there' | 'waiting' | 'lost';

/** Returns what is known before the first poll. `recorded` is what a watcher remembers of it. */
export function unread(target: Target, recorded?: RecordedMigration): Waited {
  const nothing = { state: undefined, samples: [], trend: undefined, error: undefined } as const;
  return { target, ...nothing, cadence: 'default', recorded };
}

/** Returns a state in which what a watcher took for gone may be back; what has ended otherwise says so again. */
export function reopened({ settlement: _former, ...state }: MigrationState): MigrationState {
  return state;
}

/**
 * Returns what is known after a poll, and the events that the daemon would tell of it. One that was never read is told
 * of as soon as it is clear whether the others fail alike. `now` in ms since 1970.
 */
export function afterPoll(
  waited: Waited,
  result: PollResult,
  now: number,
  policy: WatchPolicy,
  others: readonly Waited[],
): { readonly waited: Waited; readonly events: readonly EventRecord[] } {
  const { target, state: former, recorded } = waited;
  const watched = others.filter(({ state }) => state?.settlement === undefined);
  const together = othersTogether(watched.map(asOther), former?.outage?.since ?? now);
  const error = result.ok ? undefined : result.error;
  const situation = { ...waited, resumed: false, downUntil: undefined, others: () => together };
  // Wrong ids or a wrong key, most likely: no reason to wait for more failures.
  const isClear = watched.every(({ state }) => state !== undefined) || error?.kind === 'not_found';
  const atOnce = former?.observation === undefined && isClear && { unreachableAfter: 1 };
  const isRecalled = result.ok && former?.observation === undefined && recorded !== undefined;
  const { state, samples, cadence, events } = isRecalled
    ? firstRead(situation, recorded, result, now, policy)
    : applyPoll(situation, result, now, { ...policy, ...atOnce });
  const isRead = state.observation !== undefined;
  const after = { target, state, samples, trend: lagTrend(samples), cadence, error };
  return { waited: isRead ? after : { ...after, recorded }, events };
}

/**
 * Returns what a first read shows in the light of what a watcher has recorded: since when it is ready, and how its lag
 * went. The events say where it stands, as those of every first read, and what has changed since the record.
 */
function firstRead(
  situation: PollContext,
  { state, samples }: RecordedMigration,
  result: PollResult,
  now: number,
  policy: WatchPolicy,
): AppliedPoll {
  const { outage: _past, ...remembered } = reopened(state);
  const { outage } = situation.state ?? {};
  const recalled = { ...remembered, ...(outage !== undefined && { outage }) };
  const before = { ...situation, state: recalled, samples: recentSamples(samples), resumed: true };
  const step = applyPoll(before, result, now, policy);
  const sight = applyPoll(situation, result, now, policy).events.filter(isFirst);
  return { ...step, events: [...sight, ...step.events.filter((event) => !isFirst(event))] };
}

function isFirst({ event }: EventRecord): boolean {
  return event === 'migration.first_seen';
}

/** Returns what of one that is waited for matters to the others. */
export function asOther({ state, error }: Waited): Other {
  return { latest: error ?? (state === undefined ? undefined : 'read'), state };
}

/**
 * Returns where a migration stands. One that is complete is past ready. Readiness can be withdrawn, so one that was
 * ready but cannot be read just now does not count until it is read again.
 */
export function standingOf(goal: Goal, { state }: Waited): Standing {
  switch (state?.settlement) {
    case 'COMPLETE':
      return 'there';
    case undefined: {
      const ready = state?.readiness !== undefined && state.outage === undefined;
      return goal === 'ready' && ready ? 'there' : 'waiting';
    }
    default:
      return 'lost';
  }
}

/** Returns where all of them stand together: lost as soon as one is, there when each is at the same time. */
export function verdictOf(goal: Goal, all: readonly Waited[]): Standing {
  const standings = all.map((waited) => standingOf(goal, waited));
  if (standings.includes('lost')) return 'lost';
  return standings.every((standing) => standing === 'there') ? 'there' : 'waiting';
}

/** Returns whether the credentials were refused for every one of them, and nothing was ever read. */
export function allRefused(all: readonly Waited[]): boolean {
  return all.every(({ state, error }) => state?.observation === undefined && error?.kind === 'unauthorized');
}
