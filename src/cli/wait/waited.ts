import type { AtlasError } from '../../atlas/atlas-error.ts';
import type { PollResult } from '../../atlas/client.ts';
import type { EventRecord } from '../../events/event-record.ts';
import type { MigrationState } from '../../state/migration-state.ts';
import type { LagSample } from '../../state/store.ts';
import type { Cadence } from '../../watch/cadence.ts';
import { type LagTrend, lagTrend } from '../../watch/lag-trend.ts';
import type { Others } from '../../watch/outage.ts';
import { pollStep, type WatchPolicy } from '../../watch/poll-step.ts';
import type { Target } from '../../watch/target.ts';

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
}

/** What a migration is to be. */
export type Goal = 'ready' | 'complete';

/** Where a migration stands: it is there, may still come there, or has ended otherwise. */
export type Standing = 'there' | 'waiting' | 'lost';

/** Each migration is waited for, and told of, by itself. */
const alone: Others = { total: 0, read: 0, failed: 0, kinds: new Set(), told: false };

/** Returns what is known before the first poll. */
export function unread(target: Target): Waited {
  return { target, state: undefined, samples: [], trend: undefined, cadence: 'default', error: undefined };
}

/**
 * Returns what is known after a poll, and the events that the daemon would tell of it. One that was never read is
 * told of at once, as its ids or the key may be wrong. `now` in ms since 1970.
 */
export function afterPoll(
  waited: Waited,
  result: PollResult,
  now: number,
  policy: WatchPolicy,
): { readonly waited: Waited; readonly events: readonly EventRecord[] } {
  const { target, state: former } = waited;
  const wasRead = former?.observation !== undefined;
  const situation = { ...waited, resumed: false, first: former === undefined, others: () => alone };
  const step = pollStep(situation, result, now, {
    ...policy,
    unreachableAfter: wasRead ? policy.unreachableAfter : 1,
  });
  const { state, samples, cadence, events } = step;
  const error = result.ok ? undefined : result.error;
  return { waited: { target, state, samples, trend: lagTrend(samples), cadence, error }, events };
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
