import type { AtlasError } from '../../atlas/atlas-error.ts';
import type { MigrationState } from '../../state/migration-state.ts';
import { draft, initialState, type PollContext, secondsBetween, type Transition } from './event-draft.ts';
import { afterFailedPoll } from './reachability.ts';
import { recoveryOf } from './transitions.ts';

const notFoundRemedy =
  'It was there before: it may have been canceled or cleaned up. If Atlas answers nothing but 404 for ten minutes, it counts as no longer in Atlas; after a day if most of its project or of the account is answered so.';

export interface FailedPoll {
  readonly error: AtlasError;
  /** When the poll began, in ms since 1970. */
  readonly startedAt: number;
  /** Most of the project or of the account is answered with 404 as well. */
  readonly isNotFoundShared: boolean;
}

/** A 404 may be a transient fault of Atlas. It counts when nothing else was answered for this long, on so many polls. */
const notFoundBelievedMs = 10 * 60_000;
const notFoundBelieved = 3;
/** A 404 of most migrations at once is rather an outage than the end of all of them: it counts only after a day. */
const sharedNotFoundBelievedMs = 24 * 3_600_000;

/**
 * Returns the state after a poll that failed, and the events it is worth. A migration that has been seen, and for which
 * Atlas answers nothing but 404 for ten minutes and three polls, has disappeared. One that was never seen is only
 * unreachable, since its ids may be wrong. A settled one stays as it is. Whether an outage is reported is decided elsewhere.
 */
export function applyFailure(
  { now }: Pick<PollContext, 'now'>,
  previous: MigrationState | undefined,
  { error, startedAt, isNotFoundShared }: FailedPoll,
): Transition {
  const before = previous ?? initialState(now);
  if (before.settlement !== undefined) return { state: before, drafts: [] };
  const wasSeen = before.observation !== undefined;
  const { notFoundSince: _former, ...rest } = before;
  const notFound = error.kind === 'not_found' && wasSeen ? oneMoreNotFound(before, startedAt) : noNotFound;
  if (isLongEnough(notFound, now, isNotFoundShared ? sharedNotFoundBelievedMs : notFoundBelievedMs)) {
    const { outage: _over, lagProgress: _idle, ...kept } = rest;
    const { notFoundInARow, notFoundSince = now } = notFound;
    const event = draft('migration.disappeared', { notFoundForSeconds: secondsBetween(notFoundSince, now) });
    return {
      state: { ...kept, notFoundInARow, settlement: 'DISAPPEARED', settledAt: now },
      drafts: [event, ...recoveryOf(before, now, 'disappeared')],
    };
  }
  const outage = afterFailedPoll(before.outage, error.kind, { startedAt, wasSeen });
  return { state: { ...rest, ...notFound, outage }, drafts: [] };
}

/**
 * Returns whether one more 404, of a poll that began at `startedAt` (ms since 1970), ends a migration unless others are
 * answered with 404 as well.
 */
export function wouldDisappear(state: MigrationState | undefined, startedAt: number, now: number): boolean {
  if (state?.observation === undefined || state.settlement !== undefined) return false;
  return isLongEnough(oneMoreNotFound(state, startedAt), now, notFoundBelievedMs);
}

type NotFound = Pick<MigrationState, 'notFoundInARow' | 'notFoundSince'>;

const noNotFound: NotFound = { notFoundInARow: 0 };

/** After the clock was set back, a time in the future would delay the end. */
function oneMoreNotFound({ notFoundInARow, notFoundSince }: NotFound, startedAt: number): NotFound {
  return {
    notFoundInARow: notFoundInARow + 1,
    notFoundSince: Math.min(notFoundSince ?? startedAt, startedAt),
  };
}

function isLongEnough({ notFoundInARow, notFoundSince }: NotFound, now: number, neededMs: number): boolean {
  return notFoundSince !== undefined && notFoundInARow >= notFoundBelieved && now - notFoundSince >= neededMs;
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
