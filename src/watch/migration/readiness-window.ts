import type { MigrationState, Readiness } from '../../state/migration-state.ts';
import type { StatedDeadline } from '../../state/operator-word.ts';
import type { WindowPolicy } from '../policy.ts';
import { isoTime } from './event-draft.ts';

/** Something that the clock alone makes worth an event, and when it fell due, in ms since 1970. */
export type Notice = { readonly dueAt: number } & (
  | { readonly kind: 'reminder' }
  | {
      readonly kind: 'near';
      readonly thresholdMs: number;
      readonly last: boolean;
      /** Longer thresholds that fell due as well and were not noticed. */
      readonly alsoDueMs: readonly number[];
    }
  | { readonly kind: 'passed' }
);

/** When to notice something; reminders that are due until `quietUntil` (ms since 1970) rest. */
export interface NoticePolicy extends WindowPolicy {
  readonly quietUntil?: number | undefined;
}

/** Returns the readiness of a migration that waits for its cutover; undefined if it is settled. */
export function readinessOf(state: MigrationState | undefined): Readiness | undefined {
  return state?.settlement === undefined ? state?.readiness : undefined;
}

/** Returns the readiness whose window runs. That of a migration that has disappeared goes on: it may only be out of sight. */
export function runningWindow(state: MigrationState | undefined): Readiness | undefined {
  return state?.settlement === 'DISAPPEARED' ? state.readiness : readinessOf(state);
}

/** Where a deadline comes from. */
export type DeadlineSource = 'estimated' | StatedDeadline['source'];

/**
 * Returns the end of the window, in ms since 1970: as it was stated, or else estimated. Atlas shows neither the beginning
 * of its own timer nor an extension made in the console.
 */
export function deadlineOf(
  { since, stated }: Readiness,
  { windowMs }: Pick<WindowPolicy, 'windowMs'>,
): number {
  return stated?.at ?? since + windowMs;
}

/** Returns where the deadline of a window comes from. */
export function deadlineSourceOf({ stated }: Readiness): DeadlineSource {
  return stated?.source ?? 'estimated';
}

/** Returns whether the window may end before its deadline: an estimate from a readiness that may have begun unseen. */
export function mayEndEarlier({ sinceKnown, stated }: Readiness): boolean {
  return !sinceKnown && stated === undefined;
}

/** Returns what events say of the window. */
export function windowFields(readiness: Readiness, policy: Pick<WindowPolicy, 'windowMs'>) {
  return {
    readySince: isoTime(readiness.since),
    deadline: isoTime(deadlineOf(readiness, policy)),
    deadlineEstimated: readiness.stated === undefined,
    deadlineSource: deadlineSourceOf(readiness),
  };
}

/** Returns what views say besides of a stated end of the window: who stated it, and what was said with it. */
export function statedFields({ stated }: Readiness) {
  return {
    ...(stated?.author !== undefined && { deadlineAuthor: stated.author }),
    ...(stated?.comment !== undefined && { deadlineComment: stated.comment }),
  };
}

/** Returns the time from `now` (ms since 1970) to the deadline, in seconds; negative once it has passed. */
export function remainingSeconds(
  readiness: Readiness,
  now: number,
  policy: Pick<WindowPolicy, 'windowMs'>,
): number {
  return Math.round((deadlineOf(readiness, policy) - now) / 1000);
}

/**
 * Returns the most urgent of what has fallen due and was not noticed yet; it stands for all the others. The end of the
 * window goes before its warnings, a warning before a reminder, and of several warnings or reminders the latest counts.
 */
export function dueNotice(readiness: Readiness, now: number, policy: NoticePolicy): Notice | undefined {
  const due = pendingNotices(readiness, now, policy).filter(({ dueAt }) => dueAt <= now);
  const passed = due.find(({ kind }) => kind === 'passed');
  if (passed !== undefined) return passed;
  const [nearest, ...others] = due
    .filter((notice) => notice.kind === 'near')
    .toSorted((one, other) => one.thresholdMs - other.thresholdMs);
  if (nearest === undefined) return due[0];
  return { ...nearest, alsoDueMs: others.map(({ thresholdMs }) => thresholdMs).toReversed() };
}

/** Returns when the next notice falls due, in ms since 1970; a time in the past if one is due. */
export function nextNoticeAt(readiness: Readiness, now: number, policy: NoticePolicy): number | undefined {
  const moments = pendingNotices(readiness, now, policy).map(({ dueAt }) => dueAt);
  return moments.length === 0 ? undefined : Math.min(...moments);
}

/** A smaller correction of the clock is ignored. */
const clockStepMs = 5_000;

/** Returns whether a readiness begins in the future: the clock that saw it begin was ahead, and has been set right. */
export function isInFuture({ since }: Readiness, now: number): boolean {
  return since > now + clockStepMs;
}

/**
 * Returns the readiness after a clock was corrected. One that begins in the future counts from now: it had begun before,
 * nobody knows when. Marks of what is not due yet are dropped: it was noticed while the clock was wrong, and people need
 * it again when it is due, under another event id, for which the moment of the correction is kept.
 */
export function afterClockCorrection(
  readiness: Readiness,
  now: number,
  policy: Pick<WindowPolicy, 'windowMs'>,
): Readiness {
  if (isInFuture(readiness, now)) {
    const { cutover, stated } = readiness;
    return {
      since: now,
      sinceKnown: false,
      ...(cutover !== undefined && { cutover }),
      ...(stated !== undefined && { stated }),
    };
  }
  const deadline = deadlineOf(readiness, policy);
  const isToCome = (dueAt: number): boolean => dueAt > now + clockStepMs;
  const { warnedMs = [], deadlinePassed, remindedAt, ...rest } = readiness;
  const kept = warnedMs.filter((thresholdMs) => !isToCome(deadline - thresholdMs));
  const passedTooEarly = deadlinePassed === true && isToCome(deadline);
  const remindedTooEarly = remindedAt !== undefined && isToCome(remindedAt);
  if (kept.length === warnedMs.length && !passedTooEarly && !remindedTooEarly) return readiness;
  return {
    ...rest,
    correctedAt: now,
    ...(kept.length > 0 && { warnedMs: kept }),
    ...(deadlinePassed && !passedTooEarly && { deadlinePassed }),
    ...(remindedAt !== undefined && !remindedTooEarly && { remindedAt }),
  };
}

/** Returns the readiness that remembers a notice, so that neither it nor what it stands for falls due again. */
export function withNotice(
  readiness: Readiness,
  notice: Notice,
  now: number,
  policy: NoticePolicy,
): Readiness {
  const { warnedMs: _warned, deadlinePassed: _passed, warnedOf: _former, ...rest } = readiness;
  const { warnedMs, deadlinePassed } = marksOf(readiness, policy);
  const warned = notice.kind === 'near' ? [...notice.alsoDueMs, notice.thresholdMs] : [];
  const reminder = reminders(readiness, now, policy).find(({ dueAt }) => dueAt <= now);
  return {
    ...rest,
    warnedOf: deadlineOf(readiness, policy),
    ...(reminder !== undefined && { remindedAt: reminder.dueAt }),
    ...(warnedMs.length + warned.length > 0 && { warnedMs: [...warnedMs, ...warned] }),
    ...((deadlinePassed || notice.kind === 'passed') && { deadlinePassed: true as const }),
  };
}

/**
 * Returns the readiness with another deadline, or without a stated one. What is due by that one and was noticed already
 * stays noticed; what lies in the future again is noticed again, under another event id.
 */
export function withDeadline(
  readiness: Readiness,
  stated: StatedDeadline | undefined,
  now: number,
  policy: Pick<WindowPolicy, 'windowMs'>,
): Readiness {
  const { warnedMs, deadlinePassed } = marksOf(readiness, policy);
  const { stated: _former, warnedMs: _warned, deadlinePassed: _passed, ...rest } = readiness;
  const next = { ...rest, ...(stated !== undefined && { stated }) };
  const deadline = deadlineOf(next, policy);
  const kept = warnedMs.filter((thresholdMs) => deadline - thresholdMs <= now);
  const staysPassed = deadlinePassed && deadline <= now;
  const isDropped = kept.length < warnedMs.length || staysPassed !== deadlinePassed;
  return {
    ...next,
    warnedOf: deadline,
    ...(isDropped && { correctedAt: now }),
    ...(kept.length > 0 && { warnedMs: kept }),
    ...(staysPassed && { deadlinePassed: true as const }),
  };
}

/** Warnings of the present deadline that were emitted. Those of another deadline, as after a change of the window, do not count. */
function marksOf(readiness: Readiness, policy: Pick<WindowPolicy, 'windowMs'>) {
  const isPresent = readiness.warnedOf === deadlineOf(readiness, policy);
  const { warnedMs = [], deadlinePassed = false } = isPresent ? readiness : {};
  return { warnedMs, deadlinePassed };
}

function pendingNotices(readiness: Readiness, now: number, policy: NoticePolicy): Notice[] {
  const { warnBeforeMs } = policy;
  const deadline = deadlineOf(readiness, policy);
  const { warnedMs, deadlinePassed } = marksOf(readiness, policy);
  if (deadlinePassed) return reminders(readiness, now, policy);
  const last = Math.min(...warnBeforeMs);
  const latestWarned = Math.min(...warnedMs);
  const warnings = warnBeforeMs
    .filter((thresholdMs) => thresholdMs < latestWarned)
    .map((thresholdMs) => ({
      kind: 'near' as const,
      dueAt: deadline - thresholdMs,
      thresholdMs,
      last: thresholdMs === last,
      alsoDueMs: [],
    }));
  return [...reminders(readiness, now, policy), ...warnings, { kind: 'passed', dueAt: deadline }];
}

/** The latest reminder that is due, or else the next one to come; none where there are no reminders. */
function reminders(
  { since, remindedAt = since }: Readiness,
  now: number,
  { remindEveryMs: everyMs, quietUntil = since }: NoticePolicy,
): Notice[] {
  if (everyMs === 0 || quietUntil === Number.POSITIVE_INFINITY) return [];
  const before = (moment: number): number => since + Math.floor((moment - since) / everyMs) * everyMs;
  const dueAt = Math.max(before(now), before(remindedAt) + everyMs, before(quietUntil) + everyMs);
  return [{ kind: 'reminder', dueAt }];
}
