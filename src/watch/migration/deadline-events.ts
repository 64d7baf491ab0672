import type { MigrationState } from '../../state/migration-state.ts';
import { secondsBetween } from '../recovery.ts';
import { completeEvents, draft, type EventDraft, type Transition } from './event-draft.ts';
import {
  afterClockCorrection,
  deadlineOf,
  dueNotices,
  isInFuture,
  type Notice,
  nextNoticeAt,
  type WindowPolicy,
  windowFields,
  withNotices,
} from './readiness-window.ts';
import type { Target } from './target.ts';

export interface NoticePolicy extends WindowPolicy {
  /** Writes a length of time as the configuration does, such as `48h`. */
  readonly formatDuration: (ms: number) => string;
}

/**
 * Returns the events that the clock alone makes due for a migration that is ready: reminders, thresholds and the
 * end of the window, and the state that remembers them. What was told of a time that has yet to come, by a clock that
 * was wrong, is forgotten and told again. A readiness of the future begins now, if it has been read just now: at a boot
 * the clock may be so far behind that no certificate is valid yet. What fell due until `downUntil` did while the watcher
 * was not running: when it was started, in ms since 1970; undefined when that has been told of.
 */
export function deadlineEvents(
  target: Target,
  state: MigrationState,
  now: number,
  policy: NoticePolicy,
  downUntil: number | undefined,
): Transition {
  if (state.readiness === undefined || state.settlement !== undefined) return { state, events: [] };
  const isReadNow = state.observation?.observedAt === now;
  if (isInFuture(state.readiness, now) && !isReadNow) return { state, events: [] };
  const readiness = afterClockCorrection(state.readiness, now, policy);
  const notices = dueNotices(readiness, now, policy);
  if (notices.length === 0) return { state: { ...state, readiness }, events: [] };
  const window = { ...windowFields(readiness, policy), ...knowledgeOf(state, now) };
  const remainingSeconds = Math.round((deadlineOf(readiness, policy) - now) / 1000);
  const missed = notices.filter(({ dueAt }) => dueAt <= (downUntil ?? Number.NEGATIVE_INFINITY));
  const fresh = notices.filter((notice) => !missed.includes(notice));
  const tell = (before: MigrationState, some: readonly Notice[], whileDown: boolean): Transition => {
    const drafts = some.map((notice) => draftOf(notice, window, remainingSeconds, policy));
    return completeEvents(target, before, before, drafts, now, whileDown);
  };
  const first = tell({ ...state, readiness: withNotices(readiness, notices, policy) }, missed, true);
  const second = tell(first.state, fresh, false);
  return { state: second.state, events: [...first.events, ...second.events] };
}

/** Returns whether the clock has made something due for a migration that waits for its cutover, or was set right. */
export function hasNoticeDue(state: MigrationState | undefined, now: number, policy: WindowPolicy): boolean {
  if (state?.readiness === undefined || state.settlement !== undefined) return false;
  if (isInFuture(state.readiness, now)) return state.outage === undefined;
  const dueAt = nextNoticeAt(state.readiness, now, policy);
  return dueAt !== undefined && dueAt <= now;
}

/** A notice may have to be told though nothing could be read just now. */
function knowledgeOf({ observation }: MigrationState, now: number) {
  if (observation === undefined || observation.observedAt === now) return {};
  return { lastReadSecondsAgo: secondsBetween(observation.observedAt, now) };
}

function draftOf(
  notice: Notice,
  window: ReturnType<typeof windowFields> & ReturnType<typeof knowledgeOf>,
  remainingSeconds: number,
  { formatDuration }: NoticePolicy,
): EventDraft {
  switch (notice.kind) {
    case 'reminder':
      return draft('migration.cutover_reminder', { ...window, remainingSeconds });
    case 'near':
      return draft('migration.cutover_deadline_near', {
        ...window,
        remainingSeconds,
        threshold: formatDuration(notice.thresholdMs),
        lastWarning: notice.last,
      });
    case 'passed':
      return draft('migration.cutover_deadline_passed', window);
  }
}
