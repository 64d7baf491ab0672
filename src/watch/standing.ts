import type { CredentialKind } from '../atlas/authenticator.ts';
import type { MigrationSnapshot } from './fleet.ts';
import type { HeadlineFacts, HeadlineMigration, StandbyFacts } from './headline.ts';
import type { Liveness } from './liveness.ts';
import type { Cadence } from './migration/cadence.ts';
import { planFields } from './migration/cutover-plan.ts';
import { isoTime } from './migration/event-draft.ts';
import { stalledSeconds } from './migration/lag-stall.ts';
import { isUnreachable } from './migration/reachability.ts';
import { deadlineOf, readinessOf, runningWindow } from './migration/readiness-window.ts';
import type { Target } from './migration/target.ts';
import type { WatchPlan, WatchPolicy } from './policy.ts';
import type { RoleView } from './role.ts';

/** What the standing of a migration depends on besides its state. */
export interface StandingPolicy extends Pick<WatchPolicy, 'windowMs' | 'unreachableAfterMs'> {
  /** Time between two polls, in ms. */
  readonly intervalsMs: Readonly<Record<Cadence, number>>;
}

/** Returns what the standing of a migration depends on, which may be set for it alone. */
export type StandingPolicyOf = (target: Target) => StandingPolicy;

/** Returns what views need of a plan. */
export function standingPolicy({ planFor }: Pick<WatchPlan, 'planFor'>): StandingPolicyOf {
  return (target) => {
    const { policy, schedules } = planFor(target);
    return {
      windowMs: policy.windowMs,
      unreachableAfterMs: policy.unreachableAfterMs,
      intervalsMs: { default: schedules.default.intervalMs, approaching: schedules.approaching.intervalMs },
    };
  };
}

/** Returns the facts of the headline of all that is watched. `now` in ms since 1970. */
export function headlineFacts(
  migrations: readonly MigrationSnapshot[],
  liveness: Liveness,
  credential: CredentialKind,
  now: number,
  policyOf: StandingPolicyOf,
  role?: RoleView,
): HeadlineFacts {
  return {
    standby: standbyOf(role),
    migrations: migrations.map((migration) => standingOf(migration, now, policyOf(migration.target))),
    notWatchingSince: notWatchingSince(liveness, now),
    credential,
  };
}

/** Returns for whom this watcher stands by; undefined where it is the active one. */
export function standbyOf(role: RoleView | undefined): StandbyFacts | undefined {
  return role?.role === 'standby' ? { holder: role.lease?.holder } : undefined;
}

/** Returns since when the poll loop has not run, in ms since 1970; undefined while it does. */
export function notWatchingSince(liveness: Liveness, now: number): number | undefined {
  return liveness.alive ? undefined : now - liveness.stuckForSeconds * 1000;
}

/** How many intervals after its latest reading a migration still counts as being read. */
const readIntervals = 3;

/**
 * Returns whether some migration was read within three intervals, or none is left to read; undefined before the first
 * poll has ended. `now` in ms since 1970.
 */
export function isReading(
  migrations: readonly MigrationSnapshot[],
  now: number,
  policyOf: StandingPolicyOf,
): boolean | undefined {
  const open = migrations.filter(({ state }) => state?.settlement === undefined);
  const isRead = ({ target, state, cadence }: MigrationSnapshot): boolean =>
    state?.observation !== undefined &&
    now - state.observation.observedAt <= policyOf(target).intervalsMs[cadence] * readIntervals;
  if (open.length > 0 && open.every(({ latest }) => latest === undefined)) return undefined;
  return open.length === 0 || open.some(isRead);
}

/** Returns where a migration stands, as far as the headline needs it. `now` in ms since 1970. */
function standingOf(migration: MigrationSnapshot, now: number, policy: StandingPolicy): HeadlineMigration {
  const { target, state, cadence, scopeOutage } = migration;
  const readiness = runningWindow(state);
  const plan = state?.operator?.plan;
  return {
    name: target.name,
    status: state?.known.status,
    readyForCutover: state !== undefined && readinessOf(state) !== undefined,
    deadline: readiness && isoTime(deadlineOf(readiness, policy)),
    settlement: state?.settlement,
    observedAt: state?.observation && isoTime(state.observation.observedAt),
    intervalSeconds: policy.intervalsMs[cadence] / 1000,
    reachable: isReachable(migration, now, policy) ?? true,
    cadence,
    lagTimeSeconds: state?.observation?.lagTimeSeconds,
    stalledForSeconds: state && stalledSeconds(state),
    errorType: state?.outage?.errorType ?? scopeOutage?.errorType,
    ...(plan !== undefined && planFields(plan)),
  };
}

/** Returns whether a migration is reachable; undefined before the first poll ever, and once it has ended. */
export function isReachable(
  { state, scopeOutage }: MigrationSnapshot,
  now: number,
  policy: Pick<StandingPolicy, 'unreachableAfterMs'>,
): boolean | undefined {
  if (state?.settlement !== undefined) return undefined;
  if (scopeOutage !== undefined) return false;
  if (state === undefined) return undefined;
  return state.outage === undefined || !isUnreachable(state.outage, now, policy);
}
