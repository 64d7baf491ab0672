import type { MigrationState, Readiness } from '../../state/migration-state.ts';
import type { WindowPolicy } from '../policy.ts';
import { isoTime } from './event-draft.ts';

/** Something that the clock alone makes worth an event, and when it fell due, in ms since 1970. */
export type Notice = { readonly dueAt: number } & (
  | { readonly kind: 'reminder' }
  | { readonly kind: 'near'; readonly thresholdMs: number; readonly last: boolean }
  | { readonly kind: 'passed' }
);

/** Returns the readiness of a migration that waits for its cutover; undefined if it is settled. */
export function readinessOf(state: MigrationState | undefined): Readiness | undefined {
  return state?.settlement === undefined ? state?.readiness : undefined;
}

/**
 * Returns the estimated end of the window, in ms since 1970. It can only be an estimate: Atlas shows neither the
 * beginning of its own timer nor an extension made in the console.
 */
export function deadlineOf({ since }: Readiness, { windowMs }: Pick<WindowPolicy, 'windowMs'>): number {
  return since + windowMs;
}

/** Returns what events say of the window. */
export function windowFields(readiness: Readiness, policy: Pick<WindowPolicy, 'windowMs'>) {
  return {
    readySince: isoTime(readiness.since),
    deadline: isoTime(deadlineOf(readiness, policy)),
    deadlineEstimated: true as const,
  };
}

/**
 * Returns what has fallen due and was not noticed yet, in the order of the catalogue. Each threshold falls due
 * once in a readiness, and so does the end of the window; of several reminders missed, the latest stands for all.
 */
export function dueNotices(readiness: Readiness, now: number, policy: WindowPolicy): readonly Notice[] {
  return pendingNotices(readiness, now, policy).filter(({ dueAt }) => dueAt <= now);
}

/** Returns when the next notice falls due, in ms since 1970; a time in the past if one is due. */
export function nextNoticeAt(readiness: Readiness, now: number, policy: WindowPolicy): number | undefined {
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
  if (isInFuture(readiness, now)) return { since: now, sinceKnown: false };
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

/** Returns the readiness that remembers these notices, so that they do not fall due again. */
export function withNotices(
  readiness: Readiness,
  notices: readonly Notice[],
  policy: Pick<WindowPolicy, 'windowMs'>,
): Readiness {
  const deadline = deadlineOf(readiness, policy);
  const { warnedMs: _warned, deadlinePassed: _passed, ...rest } = readiness;
  const known: Readiness = readiness.warnedOf === deadline ? readiness : rest;
  const reminder = notices.find(({ kind }) => kind === 'reminder');
  const warned = notices.flatMap((notice) => (notice.kind === 'near' ? [notice.thresholdMs] : []));
  return {
    ...known,
    warnedOf: deadline,
    ...(reminder !== undefined && { remindedAt: reminder.dueAt }),
    ...(warned.length > 0 && { warnedMs: [...(known.warnedMs ?? []), ...warned] }),
    ...(notices.some(({ kind }) => kind === 'passed') && { deadlinePassed: true as const }),
  };
}

function pendingNotices(readiness: Readiness, now: number, policy: WindowPolicy): Notice[] {
  const { since, remindedAt = since } = readiness;
  const { warnBeforeMs, remindEveryMs } = policy;
  const deadline = deadlineOf(readiness, policy);
  const { warnedMs = [], deadlinePassed = false } = readiness.warnedOf === deadline ? readiness : {};
  const last = Math.min(...warnBeforeMs);
  const warnings = warnBeforeMs
    .filter((thresholdMs) => !warnedMs.includes(thresholdMs))
    .map((thresholdMs) => ({
      kind: 'near' as const,
      dueAt: deadline - thresholdMs,
      thresholdMs,
      last: thresholdMs === last,
    }));
  return [
    ...(remindEveryMs > 0 ? [nextReminder(since, remindedAt, now, remindEveryMs)] : []),
    ...warnings,
    ...(deadlinePassed ? [] : [{ kind: 'passed' as const, dueAt: deadline }]),
  ];
}

/** The latest reminder that is due, or else the next one to come. */
function nextReminder(since: number, remindedAt: number, now: number, everyMs: number): Notice {
  const latest = since + Math.floor((now - since) / everyMs) * everyMs;
  const next = remindedAt + everyMs - ((remindedAt - since) % everyMs);
  return { kind: 'reminder', dueAt: Math.max(latest, next) };
}
