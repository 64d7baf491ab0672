import type { Readiness } from '../state/migration-state.ts';
import type { MigrationSnapshot } from '../watch/fleet.ts';
import { isoTime } from '../watch/migration/event-draft.ts';
import { faultOf } from '../watch/migration/failed-poll.ts';
import { estimateOf, lagFields, stalledSeconds } from '../watch/migration/lag-stall.ts';
import { lagTrend } from '../watch/migration/lag-trend.ts';
import { deadlineOf, type WindowPolicy, windowFields } from '../watch/migration/readiness-window.ts';

/** What the API tells of one migration. Names are those of the events; what is not known is left out. */
export interface MigrationView {
  readonly migration: string;
  readonly groupId: string;
  readonly liveMigrationId: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly status?: string;
  readonly readyForCutover?: boolean;
  readonly lagTimeSeconds?: number;
  readonly migrationHosts?: readonly string[];
  /** First and latest observation. */
  readonly firstSeen?: string;
  readonly observedAt?: string;
  /** When the status was seen to change last; not there where it is that of the first observation. */
  readonly statusSince?: string;
  /** False once `watch.unreachableAfter` polls in a row failed; not there before the first poll, and when settled. */
  readonly reachable?: boolean;
  /** While the latest polls failed, from the first of them on. */
  readonly outage?: OutageView;
  /** While it is ready for cutover. */
  readonly readySince?: string;
  readonly readySinceKnown?: boolean;
  readonly deadline?: string;
  readonly deadlineEstimated?: true;
  /** Negative once the estimated deadline has passed. */
  readonly remainingSeconds?: number;
  /** While it is copied, from the lag of late. */
  readonly lagTrendPerMinute?: number;
  readonly readyInSeconds?: number;
  readonly readyInSecondsRange?: readonly number[];
  /** While the lag counts as stalled: the time without progress, as far as it was watched. */
  readonly stalledForSeconds?: number;
  /** How it ended: COMPLETE, FAILED, EXPIRED or DISAPPEARED. */
  readonly settlement?: string;
  /** The schedule on which it is polled; not there when settled. */
  readonly cadence?: 'default' | 'approaching';
}

/** The fault is that of the latest poll of this run. */
interface OutageView extends Partial<ReturnType<typeof faultOf>> {
  readonly since: string;
  readonly failures: number;
}

/** Returns what is known of a migration. `now` in ms since 1970. */
export function migrationView(
  watched: MigrationSnapshot,
  now: number,
  policy: Pick<WindowPolicy, 'windowMs'>,
): MigrationView {
  const { name: migration, groupId, liveMigrationId, labels } = watched.target;
  return {
    migration,
    groupId,
    liveMigrationId,
    ...(Object.keys(labels).length > 0 && { labels }),
    ...observed(watched),
    ...reach(watched),
    ...window(watched, now, policy),
    ...lag(watched),
    ...(watched.state?.settlement === undefined
      ? { cadence: watched.cadence }
      : { settlement: watched.state.settlement }),
  };
}

/** Returns the readiness of a migration that waits for its cutover. One that is settled does not. */
export function readinessOf({ state }: MigrationSnapshot): Readiness | undefined {
  return state?.settlement === undefined ? state?.readiness : undefined;
}

/** Returns whether a migration is ready for cutover; undefined while nobody knows. */
export function isReady(watched: MigrationSnapshot): boolean | undefined {
  return watched.state?.observation === undefined ? undefined : readinessOf(watched) !== undefined;
}

/** Returns whether a migration can be read; undefined before the first poll ever, and when it is read no more. */
export function isReachable({ state }: MigrationSnapshot): boolean | undefined {
  if (state === undefined || state.settlement !== undefined) return undefined;
  return state.outage?.told === undefined;
}

function observed({ state }: MigrationSnapshot): Partial<MigrationView> {
  if (state?.observation === undefined) return {};
  const { known, observation, firstObservedAt, statusSince } = state;
  const { lagTimeSeconds, observedAt } = observation;
  return {
    ...known,
    ...(lagTimeSeconds !== undefined && { lagTimeSeconds }),
    ...(firstObservedAt !== undefined && { firstSeen: isoTime(firstObservedAt) }),
    observedAt: isoTime(observedAt),
    ...(statusSince !== undefined && { statusSince: isoTime(statusSince) }),
  };
}

function reach(watched: MigrationSnapshot): Partial<MigrationView> {
  const { state, latest } = watched;
  const reachable = isReachable(watched);
  if (state === undefined || reachable === undefined) return {};
  const { outage, absences } = state;
  if (outage === undefined) return { reachable };
  const fault = latest === undefined || latest === 'read' ? {} : faultOf(latest, absences);
  return { reachable, outage: { since: isoTime(outage.since), failures: outage.failures, ...fault } };
}

function window(
  watched: MigrationSnapshot,
  now: number,
  policy: Pick<WindowPolicy, 'windowMs'>,
): Partial<MigrationView> {
  const readiness = readinessOf(watched);
  if (readiness === undefined) return {};
  return {
    ...windowFields(readiness, policy),
    readySinceKnown: readiness.sinceKnown,
    remainingSeconds: Math.round((deadlineOf(readiness, policy) - now) / 1000),
  };
}

function lag(watched: MigrationSnapshot): Partial<MigrationView> {
  const { state, samples } = watched;
  if (state?.settlement !== undefined || isReady(watched) !== false) return {};
  const trend = lagTrend(samples);
  const stalledForSeconds = stalledSeconds(state);
  return {
    ...lagFields(trend, state && estimateOf(state, trend)),
    ...(stalledForSeconds !== undefined && { stalledForSeconds }),
  };
}
