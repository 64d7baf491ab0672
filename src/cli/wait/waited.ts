import type { AtlasError } from '../../atlas/atlas-error.ts';
import type { MigrationState } from '../../state/migration-state.ts';
import type { MigrationSnapshot } from '../../watch/fleet.ts';
import type { ReadyEstimate } from '../../watch/migration/lag-estimate.ts';
import { estimateOf } from '../../watch/migration/lag-stall.ts';
import { type LagTrend, lagTrend } from '../../watch/migration/lag-trend.ts';
import type { Target } from '../../watch/migration/target.ts';
import { isWithin, type LagLimit } from './lag-limit.ts';

/** What this run knows of a migration that is waited for. */
export interface Waited {
  readonly target: Target;
  /** Undefined before it was ever read or recorded. */
  readonly state: MigrationState | undefined;
  readonly trend: LagTrend | undefined;
  readonly estimate: ReadyEstimate | undefined;
  /** Why the latest poll failed, if it did. */
  readonly error: AtlasError | undefined;
  /** Undefined if readiness is enough, whatever the lag. */
  readonly lagLimit?: LagLimit | undefined;
}

/** The state that a wait waits for. `settled` is any end. */
export type Goal = 'ready' | 'complete' | 'settled';

/** Whether a migration has reached the goal, may still reach it, or never will. */
export type Verdict = 'reached' | 'waiting' | 'missed';

/** Returns what is known of a migration. Before its first poll in this run that is nothing, even if a watcher has records. */
export function waitedOf({ target, latest, state, samples }: MigrationSnapshot, lagLimit?: LagLimit): Waited {
  const error = latest === 'read' ? undefined : latest;
  if (latest === undefined || state === undefined)
    return { target, state: undefined, trend: undefined, estimate: undefined, error, lagLimit };
  return { target, state, trend: lagTrend(samples), estimate: estimateOf(state, samples), error, lagLimit };
}

/**
 * Returns whether a migration has reached the goal. One that has ended is not ready, also if it is complete: a person who waits
 * for readiness would cut over what has been cut over.
 */
export function verdictOn(goal: Goal, { state, error, lagLimit }: Waited): Verdict {
  if (goal === 'settled') return state?.settlement === undefined ? 'waiting' : 'reached';
  switch (state?.settlement) {
    case 'COMPLETE':
      return goal === 'complete' ? 'reached' : 'missed';
    case undefined: {
      // Readiness can be withdrawn, so an unreadable migration does not count until it is read again.
      const isReady = state?.readiness !== undefined && error === undefined && isWithin(lagLimit);
      return goal === 'ready' && isReady ? 'reached' : 'waiting';
    }
    default:
      return 'missed';
  }
}

/** Returns the verdict on all: missed as soon as one is missed, reached when all are reached at the same time. */
export function verdictOf(goal: Goal, all: readonly Waited[]): Verdict {
  const verdicts = all.map((waited) => verdictOn(goal, waited));
  if (verdicts.includes('missed')) return 'missed';
  return verdicts.every((verdict) => verdict === 'reached') ? 'reached' : 'waiting';
}

/**
 * Returns whether the credentials were refused for every migration that was polled, and nothing was read. Some are not
 * polled where the refusals of others show that theirs would be refused as well.
 */
export function allRefused(all: readonly Waited[]): boolean {
  const polled = all.filter(({ state, error }) => state !== undefined || error !== undefined);
  return (
    polled.length > 0 &&
    polled.every(({ state, error }) => state?.observation === undefined && error?.kind === 'unauthorized')
  );
}
