import type { PollResult } from '../../atlas/client.ts';
import type { MigrationState } from '../../state/migration-state.ts';
import type { RecordedMigration } from '../../state/recorded-migrations.ts';
import type { WatchPolicy } from '../../watch/migration/apply-poll.ts';
import type { Cadence } from '../../watch/migration/cadence.ts';
import { estimateOf, lagFields, stalledSeconds } from '../../watch/migration/lag-stall.ts';
import { type LagTrend, type ReadyEstimate, recentSamples } from '../../watch/migration/lag-trend.ts';
import { deadlineOf, windowFields } from '../../watch/migration/readiness-window.ts';
import type { Target } from '../../watch/migration/target.ts';
import type { UrgencyFacts } from '../../watch/migration/urgency.ts';
import { afterPoll, reopened, unread } from '../wait/waited.ts';

/** What one look at a migration shows, in the light of what a watcher has recorded of it. */
export interface CheckResult {
  readonly target: Target;
  readonly result: PollResult;
  readonly state: MigrationState | undefined;
  readonly cadence: Cadence;
  /** From the lag of this poll and the recorded samples. */
  readonly trend: LagTrend | undefined;
  readonly estimate: ReadyEstimate | undefined;
  /** Only where there is a record: without one nobody knows when readiness began. */
  readonly window: CutoverWindow | undefined;
}

/** When the cutover is due, by the names of the events. */
export interface CutoverWindow extends ReturnType<typeof windowFields> {
  /** False when readiness may have begun earlier, so that there may be less time left. */
  readonly readySinceKnown: boolean;
  readonly remainingSeconds: number;
}

/** Returns what a poll shows. `recorded` is what a watcher remembers of the migration; `now` in ms since 1970. */
export function checkResult(
  target: Target,
  result: PollResult,
  recorded: RecordedMigration | undefined,
  now: number,
  policy: WatchPolicy,
): CheckResult {
  const { state: former, samples = [] } = recorded ?? {};
  const before = {
    ...unread(target),
    state: former && (result.ok ? reopened(former) : former),
    samples: recentSamples(samples),
  };
  const { state, cadence, trend } = afterPoll(before, result, now, policy, []).waited;
  const isTold = result.ok && result.reading.lagTimeSeconds !== undefined;
  return {
    target,
    result,
    state,
    cadence,
    trend: isTold ? trend : undefined,
    estimate: isTold && state !== undefined ? estimateOf(state, trend) : undefined,
    window: former && windowOf(former, state, now, policy),
  };
}

function windowOf(
  former: MigrationState,
  { readiness, settlement }: Partial<MigrationState> = {},
  now: number,
  policy: WatchPolicy,
): CutoverWindow | undefined {
  if (readiness === undefined || settlement !== undefined) return undefined;
  return {
    ...windowFields(readiness, policy),
    // The watcher may have looked long ago, if it is not running.
    readySinceKnown: readiness.sinceKnown && former.readiness !== undefined,
    remainingSeconds: Math.round((deadlineOf(readiness, policy) - now) / 1000),
  };
}

/** Returns what the urgency of a migration follows from. */
export function urgencyFacts({ result, state, cadence, estimate, window }: CheckResult): UrgencyFacts {
  return {
    status: state?.known.status,
    readyForCutover: state?.readiness !== undefined,
    settlement: state?.settlement,
    deadline: window?.deadline,
    reachable: result.ok,
    cadence,
    lagTimeSeconds: state?.observation?.lagTimeSeconds,
    stalledForSeconds: stalledSeconds(state),
    readyInSeconds: estimate?.seconds,
  };
}

/** Returns a migration for programs: what the table shows, by the names of the events. */
export function toJson({ target, result, trend, estimate, window }: CheckResult): object {
  const { name, groupId, liveMigrationId, labels } = target;
  const identity = { name, groupId, liveMigrationId, labels };
  if (result.ok) return { ...identity, ...result.reading, ...lagFields(trend, estimate), ...window };
  const { kind, httpStatus, errorCode, detail, remedy } = result.error;
  return { ...identity, ...window, error: { errorType: kind, httpStatus, errorCode, detail, remedy } };
}
