import type { AtlasError } from '../atlas/atlas-error.ts';
import type { MigrationState, Outage } from '../state/migration-state.ts';
import { blankState, draft, isoTime, recordEvents, type Step } from './migration-record.ts';
import type { Target } from './target.ts';

const absenceRemedy =
  'It was there before: it may have been cancelled or cleaned up. The next poll will tell whether it is gone for good.';

export interface FailurePolicy {
  /** Failed polls in a row after which a migration counts as unreachable. */
  readonly unreachableAfter: number;
}

export interface FailedPoll {
  readonly error: AtlasError;
  readonly attempts: number;
}

/** One 404 may be a passing fault of Atlas; the second in a row is believed. */
const absencesBelieved = 2;

/**
 * Returns what to remember after a poll that failed, and the events it is worth. A migration that has been seen
 * and is answered with 404 twice in a row has disappeared and is settled; one that was never seen is only
 * unreachable, since its ids may be wrong.
 */
export function failedPoll(
  target: Target,
  previous: MigrationState | undefined,
  { error, attempts }: FailedPoll,
  now: number,
  { unreachableAfter }: FailurePolicy,
  whileDown: boolean,
): Step {
  const before = previous ?? blankState(now);
  const absences = error.kind === 'not_found' && before.observation !== undefined ? before.absences + 1 : 0;
  if (absences >= absencesBelieved) {
    const { outage: _over, ...kept } = before;
    const gone: MigrationState = { ...kept, absences, settlement: 'DISAPPEARED' };
    return recordEvents(target, before, gone, [draft('migration.disappeared', {})], now, whileDown);
  }

  const {
    failures: formerFailures,
    since,
    announced,
  } = before.outage ?? { failures: 0, since: now, announced: false };
  const failures = formerFailures + 1;
  const announce = !announced && failures >= unreachableAfter;
  const outage: Outage = { failures, since, announced: announced || announce };
  const fault = { ...faultOf(error), ...(absences > 0 && { remedy: absenceRemedy }) };
  const drafts = [
    ...(announce ? [draft('watcher.unreachable', { ...fault, since: isoTime(since), failures })] : []),
    draft('watcher.poll_failed', { ...fault, attempts, failures, unreachable: announced }),
  ];
  return recordEvents(target, before, { ...before, absences, outage }, drafts, now, false);
}

function faultOf({ kind, httpStatus, errorCode, detail, remedy }: AtlasError) {
  return {
    errorType: kind,
    ...(httpStatus !== undefined && { httpStatus }),
    ...(errorCode !== undefined && { errorCode }),
    detail,
    remedy,
  };
}
