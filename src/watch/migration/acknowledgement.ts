import type { MigrationState } from '../../state/migration-state.ts';
import type { Acknowledgement } from '../../state/operator-word.ts';
import { draft, type EventDraft, isoTime, type Transition } from './event-draft.ts';
import { readinessOf } from './readiness-window.ts';

/*
 * Somebody knows how things stand. That silences reminders of the cutover, and reminders of an outage that had begun
 * then. It is about what stands now: it ends with the readiness or, where there is none, with the outage or the next
 * readiness, and with everything of level error that comes up.
 */

type EndReason =
  | 'expired'
  | 'warning'
  | 'readiness_ended'
  | 'ready'
  | 'recovered'
  | 'settled'
  | 'unacknowledged';

/** Returns what there is to show of an acknowledgement: since when, until when if a time was given, and who said so. */
export function acknowledgementFields({ statedAt, until, author, comment }: Acknowledgement) {
  return {
    at: isoTime(statedAt),
    ...(until !== undefined && { until: isoTime(until) }),
    ...(author !== undefined && { author }),
    ...(comment !== undefined && { comment }),
  };
}

/** Returns whether there is something to acknowledge: a readiness, or failing polls. */
export function canAcknowledge(state: MigrationState): boolean {
  return state.settlement === undefined && (readinessOf(state) !== undefined || state.outage !== undefined);
}

/** Returns whether reminders of the outage of a migration rest. `now` in ms since 1970. */
export function silencesOutage({ operator, outage }: MigrationState, now: number): boolean {
  const { acknowledged } = operator ?? {};
  if (acknowledged === undefined || outage === undefined) return false;
  return outage.since <= acknowledged.statedAt && !isOver(acknowledged, now);
}

/** Returns the state without its acknowledgement. Reminders that were due meanwhile rest for good. */
export function withoutAcknowledgement(state: MigrationState, quietUntil: number): MigrationState {
  const { acknowledged: _over, ...operator } = state.operator ?? {};
  const { readiness } = state;
  return { ...state, operator, ...(readiness !== undefined && { readiness: { ...readiness, quietUntil } }) };
}

/**
 * Returns the end of an acknowledgement where there is one: after a change from `before` to `state` that leads to
 * `drafts`, or by the clock. `now` in ms since 1970.
 */
export function acknowledgementEnd(
  before: MigrationState,
  { state, drafts }: Transition,
  now: number,
): Transition {
  const acknowledged = state.operator?.acknowledged;
  const reason = acknowledged && endReason(acknowledged, before, { state, drafts }, now);
  if (acknowledged === undefined || reason === undefined) return { state, drafts };
  const { until } = acknowledged;
  const dueAt = reason === 'expired' ? until : undefined;
  return {
    state: withoutAcknowledgement(state, dueAt ?? now),
    drafts: [...drafts, endDraft(reason, acknowledged, dueAt)],
  };
}

/** Returns the event of an end. Of one that the clock makes due, `dueAt` says when (ms since 1970). */
export function endDraft(
  reason: EndReason,
  { statedAt }: Acknowledgement,
  dueAt?: number,
  statement: { readonly author?: string; readonly comment?: string; readonly requestId?: string } = {},
): EventDraft {
  return draft('migration.acknowledgement_ended', { reason, ...statement }, { dueAt, detail: statedAt });
}

function isOver({ until }: Acknowledgement, now: number): boolean {
  return until !== undefined && until <= now;
}

function endReason(
  acknowledged: Acknowledgement,
  before: MigrationState,
  { state, drafts }: Transition,
  now: number,
): EndReason | undefined {
  if (state.settlement !== undefined) return 'settled';
  const [was, is] = [readinessOf(before) !== undefined, readinessOf(state) !== undefined];
  if (was && !is) return 'readiness_ended';
  if (!was && is) return 'ready';
  if (drafts.some(({ level }) => level === 'error')) return 'warning';
  if (isOver(acknowledged, now)) return 'expired';
  return !is && state.outage === undefined ? 'recovered' : undefined;
}
