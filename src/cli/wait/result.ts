import type { MigrationSnapshot } from '../../watch/fleet.ts';
import { isoTime } from '../../watch/migration/event-draft.ts';
import type { WatchPolicy } from '../../watch/policy.ts';
import { checkResult, toJson } from '../check/result.ts';
import type { WaitReason } from './ending.ts';
import { type Goal, verdictOf, verdictOn, type Waited } from './waited.ts';

export interface ResultContext {
  readonly goal: Goal;
  readonly maxLagSeconds: number | undefined;
  readonly elapsedMs: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly policy: Pick<WatchPolicy, 'windowMs'>;
}

/** One that is waited for, in both shapes. */
export interface WaitedSnapshot {
  readonly snapshot: MigrationSnapshot;
  readonly waited: Waited;
}

/** Why a wait ended, for programs. */
const reasons = {
  timeout: 'timed_out',
  interrupted: 'interrupted',
  refused: 'credentials_refused',
} as const;

/** Returns what a wait has come to, for programs: what `check --json` says of each migration, and whether it is there. */
export function waitResult(
  reason: WaitReason,
  all: readonly WaitedSnapshot[],
  context: ResultContext,
): object {
  const { goal, maxLagSeconds, elapsedMs } = context;
  const isReached =
    verdictOf(
      goal,
      all.map(({ waited }) => waited),
    ) === 'reached';
  return {
    reason: reason.kind === 'decided' ? (isReached ? 'reached' : 'settled_otherwise') : reasons[reason.kind],
    for: goal,
    maxLagSeconds,
    elapsedSeconds: Math.round(elapsedMs / 1_000),
    migrations: all.map((one) => resultOf(one, context)),
  };
}

function resultOf({ snapshot, waited }: WaitedSnapshot, { goal, now, policy }: ResultContext): object {
  const { target, state } = snapshot;
  // This run has seen the readiness itself, so its record is as good as that of a watcher.
  const result = checkResult(snapshot, state, now, policy);
  const { name, groupId, liveMigrationId, labels } = target;
  return {
    ...(result === undefined ? { name, groupId, liveMigrationId, labels } : toJson(result)),
    reached: verdictOn(goal, waited) === 'reached',
    ...(waited.state?.settlement !== undefined && {
      settlement: waited.state.settlement,
      ...(waited.state.settledAt !== undefined && { settledAt: isoTime(waited.state.settledAt) }),
    }),
  };
}
