import type { MigrationState } from '../state/migration-state.ts';
import type { CutoverPlan, PlanRisk } from '../state/operator-word.ts';
import type { MigrationSnapshot } from '../watch/fleet.ts';
import { acknowledgementFields } from '../watch/migration/acknowledgement.ts';
import { isLagHigh } from '../watch/migration/cutover-lag.ts';
import { planFields } from '../watch/migration/cutover-plan.ts';
import { isoTime } from '../watch/migration/event-draft.ts';
import { faultFields } from '../watch/migration/failed-poll.ts';
import { estimateOf, lagFields, stalledSeconds } from '../watch/migration/lag-stall.ts';
import { lagTrend } from '../watch/migration/lag-trend.ts';
import {
  type DeadlineSource,
  deadlineOf,
  readinessOf,
  runningWindow,
  statedFields,
  windowFields,
} from '../watch/migration/readiness-window.ts';
import { isReachable, type StandingPolicy } from '../watch/standing.ts';

/** One migration, as the API shows it. Names are those of the events; what is unknown is left out. */
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
  /** When the status was last seen to change; absent while it is that of the first observation. */
  readonly statusSince?: string;
  /** False once polls have failed for `watch.unreachableAfter`; absent before the first poll, and when settled. */
  readonly reachable?: boolean;
  /** Present while the latest polls have failed, from the first of them on. */
  readonly outage?: OutageView;
  /** Present while it is ready for cutover. */
  readonly readySince?: string;
  readonly readySinceKnown?: boolean;
  readonly deadline?: string;
  readonly deadlineEstimated?: boolean;
  readonly deadlineSource?: DeadlineSource;
  /** Who stated the deadline by a command, and what was said with it. */
  readonly deadlineAuthor?: string;
  readonly deadlineComment?: string;
  /** Negative once the deadline has passed. */
  readonly remainingSeconds?: number;
  /** Somebody knows how things stand: reminders rest. */
  readonly acknowledged?: ReturnType<typeof acknowledgementFields>;
  /** The planned cutover, and the causes that put it at risk. */
  readonly plannedAt?: string;
  readonly planDurationSeconds?: number;
  readonly planAuthor?: string;
  readonly planComment?: string;
  readonly planRisks?: readonly PlanRisk[];
  readonly planMissed?: true;
  /** Present while it is ready: whether a cutover now would take long. */
  readonly cutoverLagHigh?: boolean;
  /** Present while it is copied, from the recent lag. */
  readonly lagTrendPerMinute?: number;
  readonly readyInSeconds?: number;
  readonly readyInSecondsRange?: readonly number[];
  /** Present while the lag is stalled: the observed time without progress. */
  readonly stalledForSeconds?: number;
  /** How it ended: COMPLETE, FAILED, EXPIRED or DISAPPEARED. */
  readonly settlement?: string;
  /** When that was first seen. */
  readonly settledAt?: string;
  /** The schedule on which it is polled; absent when settled. */
  readonly cadence?: 'default' | 'approaching';
  /** Time between two of its polls; absent when settled. */
  readonly intervalSeconds?: number;
}

/** The error is that of the latest poll of this run, or of what keeps its project or the account from being read. */
interface OutageView extends Partial<ReturnType<typeof faultFields>> {
  readonly since: string;
  /** Failed polls in a row; 0 where only others of its project or of the account were polled. */
  readonly failures: number;
}

/** Returns the view of a migration. `now` in ms since 1970. */
export function migrationView(
  watched: MigrationSnapshot,
  now: number,
  policy: StandingPolicy,
): MigrationView {
  const { name: migration, groupId, liveMigrationId, labels } = watched.target;
  return {
    migration,
    groupId,
    liveMigrationId,
    ...(Object.keys(labels).length > 0 && { labels }),
    ...observed(watched),
    ...reach(watched, now, policy),
    ...window(watched, now, policy),
    ...operatorWord(watched.state),
    ...lag(watched),
    ...(watched.state?.settlement === undefined ? scheduled(watched, policy) : settled(watched.state)),
  };
}

function scheduled(
  { cadence }: MigrationSnapshot,
  { intervalsMs }: StandingPolicy,
): Pick<MigrationView, 'cadence' | 'intervalSeconds'> {
  return { cadence, intervalSeconds: intervalsMs[cadence] / 1000 };
}

function settled({ settlement, settledAt }: MigrationState): Partial<MigrationView> {
  return {
    ...(settlement !== undefined && { settlement }),
    ...(settledAt !== undefined && { settledAt: isoTime(settledAt) }),
  };
}

/** Returns whether a migration is ready for cutover; undefined while that is unknown. */
export function isReady(watched: MigrationSnapshot): boolean | undefined {
  return watched.state?.observation === undefined ? undefined : readinessOf(watched.state) !== undefined;
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

function reach(watched: MigrationSnapshot, now: number, policy: StandingPolicy): Partial<MigrationView> {
  const { state, latest, scopeOutage } = watched;
  const reachable = isReachable(watched, now, policy);
  if (reachable === undefined) return {};
  const { outage = scopeOutage, notFoundInARow } = state ?? {};
  if (outage === undefined) return { reachable };
  const { since, errorType } = outage;
  const fault =
    latest === undefined || latest === 'read' ? { errorType } : faultFields(latest, notFoundInARow);
  const failures = state?.outage?.failures ?? 0;
  return { reachable, outage: { since: isoTime(since), failures, ...fault } };
}

function window(watched: MigrationSnapshot, now: number, policy: StandingPolicy): Partial<MigrationView> {
  const readiness = runningWindow(watched.state);
  if (readiness === undefined) return {};
  return {
    ...windowFields(readiness, policy),
    ...statedFields(readiness),
    readySinceKnown: readiness.sinceKnown,
    remainingSeconds: Math.round((deadlineOf(readiness, policy) - now) / 1000),
  };
}

function operatorWord(state: MigrationState | undefined): Partial<MigrationView> {
  const { acknowledged, plan } = state?.operator ?? {};
  const isHigh = isLagHigh(state);
  return {
    ...(acknowledged !== undefined && { acknowledged: acknowledgementFields(acknowledged) }),
    ...(plan !== undefined && planView(plan)),
    ...(isHigh !== undefined && { cutoverLagHigh: isHigh }),
  };
}

function planView(plan: CutoverPlan): Partial<MigrationView> {
  const { author, comment } = plan;
  return {
    ...planFields(plan),
    ...(author !== undefined && { planAuthor: author }),
    ...(comment !== undefined && { planComment: comment }),
  };
}

function lag(watched: MigrationSnapshot): Partial<MigrationView> {
  const { state, samples } = watched;
  if (state?.settlement !== undefined || isReady(watched) !== false) return {};
  const stalledForSeconds = stalledSeconds(state);
  return {
    ...lagFields(lagTrend(samples), state && estimateOf(state, samples)),
    ...(stalledForSeconds !== undefined && { stalledForSeconds }),
  };
}
