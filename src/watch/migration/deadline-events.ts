import type { MigrationState } from '../../state/migration-state.ts';
import type { WatchPolicy, WindowPolicy } from '../policy.ts';
import { draft, type EventDraft, secondsBetween, type Transition } from './event-draft.ts';
import {
  afterClockCorrection,
  deadlineOf,
  dueNotices,
  isInFuture,
  type Notice,
  nextNoticeAt,
  windowFields,
  withNotices,
} from './readiness-window.ts';

type DeadlinePolicy = WindowPolicy & Pick<WatchPolicy, 'formatDuration'>;

/**
 * Returns the events that the clock alone makes due for a ready migration (reminders, thresholds and the end of the
 * window) and the state that remembers them. What a wrong clock made due too early is reported again when it is due. A
 * readiness of the future begins now if it has been read just now: at a boot the clock may be so far behind that no
 * certificate is valid yet. `now` in ms since 1970.
 */
export function deadlineEvents(state: MigrationState, now: number, policy: DeadlinePolicy): Transition {
  if (state.readiness === undefined || state.settlement !== undefined) return { state, drafts: [] };
  const isReadNow = state.observation?.observedAt === now;
  if (isInFuture(state.readiness, now) && !isReadNow) return { state, drafts: [] };
  const readiness = afterClockCorrection(state.readiness, now, policy);
  const notices = dueNotices(readiness, now, policy);
  if (notices.length === 0) return { state: { ...state, readiness }, drafts: [] };
  const window = { ...windowFields(readiness, policy), ...ageFields(state, now) };
  const remainingSeconds = Math.round((deadlineOf(readiness, policy) - now) / 1000);
  return {
    state: { ...state, readiness: withNotices(readiness, notices, policy) },
    drafts: notices.map((notice) =>
      draftOf(notice, window, { remainingSeconds, correctedAt: readiness.correctedAt }, policy),
    ),
  };
}

/** Returns whether the clock has made something due for a migration that waits for its cutover, or was corrected. */
export function hasNoticeDue(state: MigrationState | undefined, now: number, policy: WindowPolicy): boolean {
  if (state?.readiness === undefined || state.settlement !== undefined) return false;
  if (isInFuture(state.readiness, now)) return state.outage === undefined;
  const dueAt = nextNoticeAt(state.readiness, now, policy);
  return dueAt !== undefined && dueAt <= now;
}

/**
 * Returns how long a poll may delay a due notice, in ms, so that it says what is true now. Before the first poll of a run
 * what is known may be days old.
 */
export function noticeGraceMs(isFirstPoll: boolean): number {
  return isFirstPoll ? 60_000 : 10_000;
}

/** A notice may be due although nothing could be read just now. */
function ageFields({ observation }: MigrationState, now: number) {
  if (observation === undefined || observation.observedAt === now) return {};
  return { lastReadSecondsAgo: secondsBetween(observation.observedAt, now) };
}

function draftOf(
  notice: Notice,
  window: ReturnType<typeof windowFields> & ReturnType<typeof ageFields>,
  { remainingSeconds, correctedAt }: { remainingSeconds: number; correctedAt: number | undefined },
  { formatDuration }: Pick<WatchPolicy, 'formatDuration'>,
): EventDraft {
  const identity = { dueAt: notice.dueAt, detail: correctedAt };
  switch (notice.kind) {
    case 'reminder':
      return draft('migration.cutover_reminder', { ...window, remainingSeconds }, identity);
    case 'near':
      return draft(
        'migration.cutover_deadline_near',
        {
          ...window,
          remainingSeconds,
          threshold: formatDuration(notice.thresholdMs),
          lastWarning: notice.last,
        },
        identity,
      );
    case 'passed':
      return draft('migration.cutover_deadline_passed', window, identity);
  }
}
