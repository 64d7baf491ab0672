import type { AtlasError } from '../../atlas/atlas-error.ts';
import type { MigrationState, Settlement } from '../../state/migration-state.ts';
import type { MigrationSnapshot } from '../../watch/fleet.ts';
import type { HeadlineMigration } from '../../watch/headline.ts';
import { acknowledgementFields } from '../../watch/migration/acknowledgement.ts';
import type { Cadence } from '../../watch/migration/cadence.ts';
import { planFields } from '../../watch/migration/cutover-plan.ts';
import { isoTime } from '../../watch/migration/event-draft.ts';
import type { ReadyEstimate } from '../../watch/migration/lag-estimate.ts';
import { estimateOf, lagFields, stalledSeconds } from '../../watch/migration/lag-stall.ts';
import { type LagTrend, lagTrend } from '../../watch/migration/lag-trend.ts';
import {
  deadlineOf,
  readinessOf,
  statedFields,
  windowFields,
} from '../../watch/migration/readiness-window.ts';
import type { Target } from '../../watch/migration/target.ts';
import type { UrgencyFacts } from '../../watch/migration/urgency.ts';
import type { WatchPolicy } from '../../watch/policy.ts';

/** The result of one poll of a migration, combined with the records of a watcher. */
export interface CheckResult {
  readonly target: Target;
  /** Why the poll failed; absent when the migration was read. Then all that is known is from the records. */
  readonly error: AtlasError | undefined;
  readonly state: MigrationState | undefined;
  /** When it was last read, by this poll or by a watcher, in ms since 1970. */
  readonly readAt: number | undefined;
  readonly cadence: Cadence;
  /** From the lag of this poll and the recorded samples. */
  readonly trend: LagTrend | undefined;
  readonly estimate: ReadyEstimate | undefined;
  /** Only where there is a record: without one nobody knows when readiness began. */
  readonly window: CutoverWindow | undefined;
}

/** When the cutover is due, by the names of the events. */
export interface CutoverWindow extends ReturnType<typeof windowFields>, ReturnType<typeof statedFields> {
  /** False when readiness may have begun earlier, so that there may be less time left. */
  readonly readySinceKnown: boolean;
  readonly remainingSeconds: number;
}

/**
 * Returns what a poll shows; undefined for a migration that was not polled. One that has ended in the records has
 * ended where it can't be read now, too. `recorded` is the state that a watcher has
 * recorded; `now` in ms since 1970.
 */
export function checkResult(
  { target, latest, state, samples, cadence }: MigrationSnapshot,
  recorded: MigrationState | undefined,
  now: number,
  policy: Pick<WatchPolicy, 'windowMs'>,
): CheckResult | undefined {
  if (latest === undefined) return undefined;
  const isRead = latest === 'read';
  const end = isRead ? undefined : recorded?.settlement;
  const hasLag = isRead && state?.observation?.lagTimeSeconds !== undefined;
  return {
    target,
    error: isRead ? undefined : latest,
    state: end === undefined ? state : withEnd(state ?? recorded, end),
    readAt: (state?.observation ?? recorded?.observation)?.observedAt,
    cadence,
    trend: hasLag ? lagTrend(samples) : undefined,
    estimate: hasLag ? estimateOf(state, samples) : undefined,
    window: recorded && windowOf(recorded, state, now, policy),
  };
}

function withEnd(state: MigrationState | undefined, settlement: Settlement): MigrationState | undefined {
  return state && { ...state, settlement };
}

function windowOf(
  recorded: MigrationState,
  state: MigrationState | undefined,
  now: number,
  policy: Pick<WatchPolicy, 'windowMs'>,
): CutoverWindow | undefined {
  const readiness = readinessOf(state);
  if (readiness === undefined) return undefined;
  return {
    ...windowFields(readiness, policy),
    ...statedFields(readiness),
    // The watcher may have looked long ago, if it is not running.
    readySinceKnown: readiness.sinceKnown && recorded.readiness !== undefined,
    remainingSeconds: Math.round((deadlineOf(readiness, policy) - now) / 1000),
  };
}

/** Returns why a migration could not be read; nothing for one that has ended and that Atlas has cleaned up since. */
export function faultOf({ error, state }: CheckResult): AtlasError | undefined {
  return state?.settlement !== undefined && error?.kind === 'not_found' ? undefined : error;
}

/** Returns what the headline needs to know of a migration. */
export function standingOf(result: CheckResult): HeadlineMigration {
  const { target, error } = result;
  return { name: target.name, ...urgencyFacts(result), errorType: error?.kind, ...planOf(result) };
}

/** Returns what the urgency of a migration follows from. */
export function urgencyFacts({ error, state, readAt, cadence, estimate, window }: CheckResult): UrgencyFacts {
  return {
    status: state?.known.status,
    readyForCutover: state?.readiness !== undefined,
    settlement: state?.settlement,
    observedAt: readAt === undefined ? undefined : isoTime(readAt),
    deadline: window?.deadline,
    reachable: error === undefined,
    cadence,
    lagTimeSeconds: state?.observation?.lagTimeSeconds,
    stalledForSeconds: stalledSeconds(state),
    readyInSeconds: estimate?.seconds,
  };
}

/** Returns what there is to show of a plan; nothing once the migration has ended. */
export function planOf({ state }: CheckResult): Partial<ReturnType<typeof planFields>> {
  const plan = state?.settlement === undefined ? state?.operator?.plan : undefined;
  return plan === undefined ? {} : planFields(plan);
}

/** Returns what there is to show of an acknowledgement; undefined without one. */
export function acknowledgementOf({
  state,
}: CheckResult): ReturnType<typeof acknowledgementFields> | undefined {
  const acknowledged = state?.settlement === undefined ? state?.operator?.acknowledged : undefined;
  return acknowledged && acknowledgementFields(acknowledged);
}

/** Returns a migration for programs: what the table shows, by the names of the events. */
export function toJson(result: CheckResult): object {
  const { target, error, state, trend, estimate, window } = result;
  const { name, groupId, liveMigrationId, labels } = target;
  const identity = { name, groupId, liveMigrationId, labels };
  const acknowledged = acknowledgementOf(result);
  const stated = { ...planOf(result), ...(acknowledged !== undefined && { acknowledged }) };
  if (error === undefined) {
    const { observedAt: _now, ...reading } = state?.observation ?? { observedAt: 0 };
    return { ...identity, ...reading, ...lagFields(trend, estimate), ...window, ...stated };
  }
  const { kind, httpStatus, errorCode, detail, remedy } = error;
  return {
    ...identity,
    ...window,
    ...stated,
    error: { errorType: kind, httpStatus, errorCode, detail, remedy },
  };
}
