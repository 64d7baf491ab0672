import type { AtlasError } from '../../atlas/atlas-error.ts';
import type { MigrationState } from '../../state/migration-state.ts';
import { draft, initialState, type PollContext, type Transition } from './event-draft.ts';
import { afterFailedPoll } from './reachability.ts';
import { recoveryOf } from './transitions.ts';

const notFoundRemedy =
  'It was there before: it may have been canceled or cleaned up. If the next poll gets the same answer, it is reported as gone.';

export interface FailedPoll {
  readonly error: AtlasError;
  /** When the poll began, in ms since 1970. */
  readonly startedAt: number;
}

/** One 404 may be a transient fault of Atlas. Two in a row count. */
const notFoundBelieved = 2;

/**
 * Returns the state after a poll that failed, and the events it is worth. A migration that has been seen and is answered
 * with 404 twice in a row has disappeared and is settled; one that had before and is asked for again, once. One that was
 * never seen is only unreachable, since its ids may be wrong. Whether an outage is reported is decided elsewhere.
 */
export function applyFailure(
  { now }: PollContext,
  previous: MigrationState | undefined,
  { error, startedAt }: FailedPoll,
): Transition {
  const before = previous ?? initialState(now);
  const wasSeen = before.observation !== undefined;
  const notFoundInARow = error.kind === 'not_found' && wasSeen ? before.notFoundInARow + 1 : 0;
  const knownGone = before.settlement === 'DISAPPEARED';
  if (notFoundInARow >= notFoundBelieved || (knownGone && notFoundInARow > 0)) {
    const { outage: _over, lagProgress: _idle, ...kept } = before;
    return {
      state: { ...kept, notFoundInARow, settlement: 'DISAPPEARED' },
      drafts: [
        ...(knownGone ? [] : [draft('migration.disappeared', {})]),
        ...recoveryOf(before, now, 'disappeared'),
      ],
    };
  }
  const outage = afterFailedPoll(before.outage, error.kind, { startedAt, wasSeen });
  return { state: { ...before, notFoundInARow, outage }, drafts: [] };
}

/** Returns what events say of a fault, after so many 404s in a row of a migration that had been seen. */
export function faultFields({ kind, httpStatus, errorCode, detail, remedy }: AtlasError, notFoundInARow = 0) {
  return {
    errorType: kind,
    ...(httpStatus !== undefined && { httpStatus }),
    ...(errorCode !== undefined && { errorCode }),
    detail,
    remedy: notFoundInARow > 0 ? notFoundRemedy : remedy,
  };
}
