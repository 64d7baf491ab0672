import type { AtlasError } from '../../atlas/atlas-error.ts';
import type { MigrationState } from '../../state/migration-state.ts';
import { failOnce, type Others, type OutagePolicy } from '../outage.ts';
import { recoveryOf } from '../recovery.ts';
import { completeEvents, draft, initialState, isoTime, type Transition } from './event-draft.ts';
import type { Target } from './target.ts';

const absenceRemedy =
  'It was there before: it may have been cancelled or cleaned up. The next poll will tell whether it is gone for good.';

export interface FailedPoll {
  readonly error: AtlasError;
  readonly attempts: number;
}

/** One 404 may be a passing fault of Atlas; the second in a row is believed. */
const absencesBelieved = 2;

/**
 * Returns what to remember after a poll that failed, and the events it is worth. A migration that has been seen
 * and is answered with 404 twice in a row has disappeared and is settled; one that had before and is looked for again,
 * once. One that was never seen is only unreachable, since its ids may be wrong.
 */
export function applyFailure(
  target: Target,
  previous: MigrationState | undefined,
  { error, attempts }: FailedPoll,
  now: number,
  others: Others,
  policy: OutagePolicy,
  whileDown: boolean,
): Transition {
  const before = previous ?? initialState(now);
  const absences = error.kind === 'not_found' && before.observation !== undefined ? before.absences + 1 : 0;
  const knownGone = before.settlement === 'DISAPPEARED';
  if (absences >= absencesBelieved || (knownGone && absences > 0)) {
    const { outage: _over, lagProgress: _idle, ...kept } = before;
    const gone: MigrationState = { ...kept, absences, settlement: 'DISAPPEARED' };
    const drafts = [...(knownGone ? [] : [draft('migration.disappeared', {})]), ...recoveryOf(before, now)];
    return completeEvents(target, before, gone, drafts, now, whileDown);
  }

  const { outage, news } = failOnce(before.outage, error.kind, now, others, policy);
  const { failures, since, migrations } = outage;
  const fault = faultOf(error, absences);
  const duringOutage = before.outage?.told !== undefined;
  const drafts = [
    ...(news === 'begun' || news === 'lasts'
      ? [
          draft('watcher.unreachable', {
            ...fault,
            since: isoTime(since),
            failures,
            ...(migrations !== undefined && { migrations }),
            ...(news === 'lasts' && { reminder: true as const }),
          }),
        ]
      : []),
    ...(news === 'over' ? recoveryOf(before, now) : []),
    draft('watcher.poll_failed', { ...fault, attempts, failures, duringOutage }),
  ];
  return completeEvents(target, before, { ...before, absences, outage }, drafts, now, false);
}

/** Returns what events say of a fault, after so many 404s in a row of a migration that had been seen. */
export function faultOf({ kind, httpStatus, errorCode, detail, remedy }: AtlasError, absences: number) {
  return {
    errorType: kind,
    ...(httpStatus !== undefined && { httpStatus }),
    ...(errorCode !== undefined && { errorCode }),
    detail,
    remedy: absences > 0 ? absenceRemedy : remedy,
  };
}
