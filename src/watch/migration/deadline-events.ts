import type { MigrationState } from '../../state/migration-state.ts';
import type { WatchPolicy, WindowPolicy } from '../policy.ts';
import { draft, type EventDraft, secondsBetween, type Transition } from './event-draft.ts';
import {
  afterClockCorrection,
  dueNotice,
  isInFuture,
  type Notice,
  type NoticePolicy,
  nextNoticeAt,
  remainingSeconds,
  runningWindow,
  windowFields,
  withNotice,
} from './readiness-window.ts';

type DeadlinePolicy = WindowPolicy & Pick<WatchPolicy, 'formatDuration'>;

/**
 * Returns the event that the clock alone makes due for a ready migration (a reminder, a threshold or the end of the
 * window) and the state that remembers it. What a wrong clock made due too early is reported again when it is due. A
 * readiness of the future begins now if it has been read just now: at a boot the clock may be so far behind that no
 * certificate is valid yet. `now` in ms since 1970.
 */
export function deadlineEvents(state: MigrationState, now: number, policy: DeadlinePolicy): Transition {
  if (!hasWindow(state)) return { state, drafts: [] };
  const isReadNow = state.observation?.observedAt === now;
  if (isInFuture(state.readiness, now) && !isReadNow) return { state, drafts: [] };
  const rules = rulesFor(state, policy);
  const readiness = afterClockCorrection(state.readiness, now, rules);
  const notice = dueNotice(readiness, now, rules);
  if (notice === undefined) return { state: { ...state, readiness }, drafts: [] };
  return {
    state: { ...state, readiness: withNotice(readiness, notice, now, rules) },
    drafts: [draftOf(notice, { state, readiness, now }, policy)],
  };
}

/** Returns whether the clock has made something due for a migration whose window runs, or was corrected. */
export function hasNoticeDue(state: MigrationState | undefined, now: number, policy: WindowPolicy): boolean {
  if (state === undefined || !hasWindow(state)) return false;
  if (isInFuture(state.readiness, now)) return state.outage === undefined;
  const dueAt = nextNoticeAt(state.readiness, now, rulesFor(state, policy));
  return dueAt !== undefined && dueAt <= now;
}

/**
 * Returns how long a poll may delay a due notice, in ms, so that it says what is true now. Before the first poll of a run
 * what is known may be days old.
 */
export function noticeGraceMs(isFirstPoll: boolean): number {
  return isFirstPoll ? 60_000 : 10_000;
}

function hasWindow(
  state: MigrationState,
): state is MigrationState & Required<Pick<MigrationState, 'readiness'>> {
  return runningWindow(state) !== undefined;
}

/**
 * Reminders rest once the cutover seems to have begun, while the migration is gone, while somebody knows how things
 * stand, and until a planned cutover.
 */
function rulesFor<Policy extends WindowPolicy>(
  { readiness, settlement, operator: { acknowledged, plan } = {} }: MigrationState,
  policy: Policy,
): Policy & NoticePolicy {
  const rests = readiness?.cutover?.startedAt !== undefined || settlement !== undefined;
  if (rests) return { ...policy, remindEveryMs: 0 };
  const known = acknowledged === undefined ? 0 : (acknowledged.until ?? Number.POSITIVE_INFINITY);
  return {
    ...policy,
    quietUntil: Math.max(known, plan?.at ?? 0, readiness?.quietUntil ?? 0, readiness?.since ?? 0),
  };
}

/** A notice may be due although nothing could be read just now. */
function ageFields({ observation }: MigrationState, now: number) {
  if (observation === undefined || observation.observedAt === now) return {};
  return { lastReadSecondsAgo: secondsBetween(observation.observedAt, now) };
}

function draftOf(
  notice: Notice,
  {
    state,
    readiness,
    now,
  }: Pick<Required<MigrationState>, 'readiness'> & { state: MigrationState; now: number },
  policy: DeadlinePolicy,
): EventDraft {
  const identity = { dueAt: notice.dueAt, detail: readiness.correctedAt };
  const mayHaveBegun = readiness.cutover?.startedAt !== undefined;
  const fields = {
    ...windowFields(readiness, policy),
    remainingSeconds: remainingSeconds(readiness, now, policy),
    ...ageFields(state, now),
    ...(mayHaveBegun && { cutoverMayHaveBegun: true as const }),
  };
  switch (notice.kind) {
    case 'reminder':
      return draft('migration.cutover_reminder', fields, identity);
    case 'near': {
      const { thresholdMs, alsoDueMs, last: lastWarning } = notice;
      const alsoDue = alsoDueMs.map((ms) => policy.formatDuration(ms));
      return draft(
        'migration.cutover_deadline_near',
        {
          ...fields,
          threshold: policy.formatDuration(thresholdMs),
          ...(alsoDue.length > 0 && { alsoDue }),
          lastWarning,
        },
        identity,
      );
    }
    case 'passed':
      return draft('migration.cutover_deadline_passed', fields, identity);
  }
}
