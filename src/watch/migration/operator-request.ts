import type { EventFields } from '../../events/catalogue.ts';
import { formatMoment } from '../../events/format.ts';
import type { MigrationState } from '../../state/migration-state.ts';
import type { OperatorRequest, Statement } from '../../state/operator-word.ts';
import type { WindowPolicy } from '../policy.ts';
import { canAcknowledge, endDraft, withoutAcknowledgement } from './acknowledgement.ts';
import { usualPlanMs } from './cutover-plan.ts';
import { draft, type EventDraft, initialState, isoTime, type Transition } from './event-draft.ts';
import { deadlineOf, runningWindow } from './readiness-window.ts';
import { changeDeadline, changePlan, farthestMs, isOlderWord, type SaidBy } from './stated-words.ts';

/** A request is for its hour: after this time without a watcher, nobody remembers it, in ms. */
const outdatedAfterMs = 24 * 3_600_000;
/** A moment that is just over counts as to come: clocks differ, and a request waits, in ms. */
const toleranceMs = 60_000;
/** No cutover takes longer, in ms; as in the configuration. */
const longestPlanMs = 30 * 24 * 3_600_000;

type Reason = EventFields['watcher.request_refused']['reason'];
type WindowOf = Pick<WindowPolicy, 'windowMs'>;

/** Why a request is refused: a word for programs, and a sentence with what to do. */
interface Refusal {
  readonly reason: Reason;
  readonly detail: string;
}

/**
 * Takes a request up: returns the state that follows from it and the event, or the same state and the event of its
 * refusal. `now` in ms since 1970.
 */
export function takeRequest(
  request: OperatorRequest,
  before: MigrationState | undefined,
  now: number,
  policy: WindowOf,
): Transition {
  const state = before ?? initialState(now);
  const refusal = outdated(request, state, now) ?? requestProblem(request, now);
  const result = refusal ?? decide(request, state, now, policy);
  return 'reason' in result ? { state, drafts: [refusalDraft(request, result)] } : result;
}

function refusalDraft(request: OperatorRequest, refusal: Refusal): EventDraft {
  const { id, command, requestedAt } = request;
  return draft(
    'watcher.request_refused',
    { command, ...refusal, ...saidBy(request) },
    { idAt: requestedAt, detail: id },
  );
}

/** Returns who made a request, and why, for its event. */
function saidBy({ id, author, comment }: OperatorRequest): SaidBy {
  return {
    ...(author !== undefined && { author }),
    ...(comment !== undefined && { comment }),
    requestId: id,
  };
}

function outdated(
  { command, requestedAt, readySince }: OperatorRequest,
  state: MigrationState,
  now: number,
): Refusal | undefined {
  const given = `It was given at ${formatMoment(isoTime(requestedAt))}`;
  if (now - requestedAt > outdatedAfterMs)
    return { reason: 'outdated', detail: `${given}, more than a day ago. Give it again if it still holds.` };
  const isAboutReadiness = command === 'extend' || command === 'ack';
  const since = runningWindow(state)?.since;
  if (isAboutReadiness && readySince === undefined && since !== undefined && since > requestedAt)
    return {
      reason: 'outdated',
      detail: `${given}, before the migration became ready. Look at the migration, and give it again if it still holds.`,
    };
  if (isAboutReadiness && readySince !== undefined && since !== readySince)
    return {
      reason: 'outdated',
      detail: `${given}, for a readiness that has ended since. Look at the migration, and give it again if it still holds.`,
    };
  return undefined;
}

/** Returns what is wrong with a request whatever the state of its migration is. `now` in ms since 1970. */
export function requestProblem(request: OperatorRequest, now: number): Refusal | undefined {
  const tooLong = spanProblem(request);
  if (tooLong !== undefined) return tooLong;
  const moment = request.command === 'plan' ? request.at : 'until' in request ? request.until : undefined;
  if (moment === undefined) return undefined;
  const text = formatMoment(isoTime(moment));
  if (moment < now - toleranceMs)
    return { reason: 'in_the_past', detail: `${text} is over. Give a time to come.` };
  if (moment > now + farthestMs)
    return { reason: 'too_far', detail: `${text} is more than a year ahead. Give a time within a year.` };
  return undefined;
}

/** A moment that follows from an endless length of time is no date. */
function spanProblem(request: OperatorRequest): Refusal | undefined {
  if (request.command === 'extend' && (request.byMs ?? 0) > farthestMs)
    return { reason: 'too_far', detail: 'It is longer by more than a year. Give a shorter time.' };
  if (request.command === 'plan' && (request.durationMs ?? 0) > longestPlanMs)
    return { reason: 'too_far', detail: 'The plan takes more than 30 days. Give a shorter time.' };
  return undefined;
}

function decide(
  request: OperatorRequest,
  state: MigrationState,
  now: number,
  policy: WindowOf,
): Transition | Refusal {
  switch (request.command) {
    case 'extend':
      return extend(request, state, now, policy);
    case 'ack':
      return acknowledge(request, state, now);
    case 'unack':
      return unacknowledge(request, state, now);
    case 'plan':
      return plan(request, state, now);
  }
}

function statementOf(request: OperatorRequest): Statement {
  const { requestId: _id, ...said } = saidBy(request);
  return { source: 'operator', statedAt: request.requestedAt, ...said };
}

function later(request: OperatorRequest, holding: Statement | undefined, now: number): Refusal | undefined {
  if (!isOlderWord(request.requestedAt, holding, now)) return undefined;
  return {
    reason: 'outdated',
    detail: `It was given at ${formatMoment(isoTime(request.requestedAt))}, and another word has been taken since, from the ${holding?.source === 'configuration' ? 'configuration' : 'command line'}. Give it again if it still holds.`,
  };
}

function extend(
  request: Extract<OperatorRequest, { command: 'extend' }>,
  state: MigrationState,
  now: number,
  policy: WindowOf,
): Transition | Refusal {
  const readiness = runningWindow(state);
  if (readiness === undefined)
    return {
      reason: 'not_ready',
      detail: 'No window runs: the migration is not ready for cutover. Give it once it is ready.',
    };
  const refusal = later(request, readiness.stated, now);
  if (refusal !== undefined) return refusal;
  const at = request.until ?? deadlineOf(readiness, policy) + (request.byMs ?? 0);
  if (at <= Math.max(readiness.since, now - toleranceMs))
    return { reason: 'in_the_past', detail: `${formatMoment(isoTime(at))} is over. Give a time to come.` };
  if (at > now + farthestMs)
    return {
      reason: 'too_far',
      detail: `${formatMoment(isoTime(at))} is more than a year ahead. Give a time within a year.`,
    };
  const stated = { ...statementOf(request), at };
  return changeDeadline(state, readiness, stated, { now, policy, saidBy: saidBy(request) });
}

function acknowledge(
  request: Extract<OperatorRequest, { command: 'ack' }>,
  state: MigrationState,
  now: number,
): Transition | Refusal {
  if (state.settlement !== undefined) return ended;
  if (!canAcknowledge(state))
    return {
      reason: 'not_ready',
      detail: 'There is nothing to acknowledge: the migration is not ready for cutover, and can be read.',
    };
  const { source: _source, ...statement } = statementOf(request);
  const { until } = request;
  // One of the future, given before the clock was set back, is about no outage to come.
  const statedAt = Math.min(statement.statedAt, now);
  const acknowledged = { ...statement, statedAt, ...(until !== undefined && { until }) };
  const fields = { ...(until !== undefined && { until: isoTime(until) }), ...saidBy(request) };
  return {
    state: { ...state, operator: { ...state.operator, acknowledged } },
    drafts: [draft('migration.acknowledged', fields, { idAt: request.requestedAt, detail: request.id })],
  };
}

function unacknowledge(request: OperatorRequest, state: MigrationState, now: number): Transition | Refusal {
  const acknowledged = state.operator?.acknowledged;
  if (acknowledged === undefined)
    return { reason: 'nothing_to_end', detail: 'It is not acknowledged. Nothing has changed.' };
  const end = endDraft('unacknowledged', acknowledged, undefined, saidBy(request));
  return {
    state: withoutAcknowledgement(state, now),
    drafts: [{ ...end, idAt: request.requestedAt, detail: request.id }],
  };
}

function plan(
  request: Extract<OperatorRequest, { command: 'plan' }>,
  state: MigrationState,
  now: number,
): Transition | Refusal {
  const { at, durationMs = usualPlanMs } = request;
  const holding = state.operator?.plan;
  const about = { now, source: 'operator' as const, saidBy: saidBy(request) };
  if (at === undefined && holding === undefined)
    return { reason: 'nothing_to_end', detail: 'No cutover is planned. Nothing has changed.' };
  if (at !== undefined && state.settlement !== undefined) return ended;
  const refusal = later(request, holding, now);
  if (refusal !== undefined) return refusal;
  if (at === undefined) {
    const { state: next, drafts } = changePlan(state, undefined, about);
    return { state: next, drafts: drafts.map((each) => ({ ...each, idAt: request.requestedAt })) };
  }
  return changePlan(state, { ...statementOf(request), at, durationMs }, about);
}

const ended: Refusal = { reason: 'settled', detail: 'The migration has ended. Nothing has changed.' };
