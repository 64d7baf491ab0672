import type { EventName } from '../../events/catalogue.ts';
import type { EventRecord } from '../../events/event-record.ts';
import { formatMoment, formatSpan } from '../../events/format.ts';
import { isoTime } from '../../watch/migration/event-draft.ts';
import { deadlineOf } from '../../watch/migration/readiness-window.ts';
import { describeEstimate } from './estimate.ts';
import type { Goal, Waited } from './waited.ts';

/** These describe a change better than a new status or a first observation does. */
const specificEvents: ReadonlySet<EventName> = new Set([
  'migration.unknown_status',
  'migration.ready_for_cutover',
  'migration.readiness_withdrawn',
  'migration.completed',
  'migration.failed',
  'migration.expired',
  'migration.disappeared',
]);
const plainEvents: ReadonlySet<EventName> = new Set(['migration.first_seen', 'migration.status_changed']);
const reachabilityEvents: ReadonlySet<EventName> = new Set(['watcher.unreachable', 'watcher.recovered']);

/** Returns a sentence for every change in the events of one poll that matters to someone who waits. */
export function changeSentences(events: readonly EventRecord[]): string[] {
  const specific = events.filter(({ event }) => specificEvents.has(event));
  const changes = specific.length > 0 ? specific : events.filter(({ event }) => plainEvents.has(event));
  return [...events.filter(({ event }) => reachabilityEvents.has(event)), ...changes].map(({ msg }) => msg);
}

/** Returns one or two sentences about the state of a migration when the wait ends. `now` in ms since 1970. */
export function endSentence(goal: Goal, waited: Waited, now: number, windowMs: number): string {
  const { target, state, error } = waited;
  const fault = error === undefined ? '' : ` ${error.detail} ${error.remedy}`;
  if (state?.observation === undefined)
    return error === undefined
      ? `${target.name} has not been read yet.`
      : `${target.name} could not be read:${fault}`;
  const seen = `seen ${formatMoment(isoTime(state.observation.observedAt))}`;
  switch (state.settlement) {
    case 'COMPLETE':
      return `${target.name} is complete, ${seen}.`;
    case 'FAILED':
      return `${target.name} failed, ${seen}. Atlas gives no reason here. See the migration in the Atlas console.`;
    case 'EXPIRED':
      return `${target.name} expired, ${seen}: nobody cut over in time. Start the migration again.`;
    case 'DISAPPEARED':
      return `${target.name} is gone, last ${seen}: Atlas answered 404 twice in a row. It may have been canceled in the console.`;
    default:
      return `${target.name} ${isNow(goal, waited, now)}, ${seen}${
        state.outage === undefined
          ? deadline(waited, windowMs)
          : `. Since then it could not be read:${fault}`.replace(/\.$/, '')
      }.`;
  }
}

function isNow(goal: Goal, waited: Waited, now: number): string {
  const { state } = waited;
  const ready = state?.readiness !== undefined;
  if (ready) return state.outage === undefined ? readyText(goal) : 'was ready for cutover';
  const lag = state?.observation?.lagTimeSeconds;
  const readyIn = describeEstimate(waited, now);
  return [
    `is not ready for cutover: ${state?.known.status ?? 'no status yet'}`,
    ...(lag === undefined ? [] : [`${formatSpan(lag)} behind`]),
    ...(readyIn === undefined ? [] : [`ready in ${readyIn}`]),
  ].join(', ');
}

function readyText(goal: Goal): string {
  return goal === 'ready' ? 'is ready for cutover' : 'is ready for cutover but not complete';
}

function deadline({ state }: Waited, windowMs: number): string {
  if (state?.readiness === undefined) return '';
  const moment = formatMoment(isoTime(deadlineOf(state.readiness, { windowMs })));
  const hedge = state.readiness.sinceKnown ? '' : ', or earlier, as it may have been ready for a while';
  return `; cut over before about ${moment}${hedge}`;
}
