import { estimateWords } from '../../events/estimate-words.ts';
import { formatSpan } from '../../events/format.ts';
import type { MigrationView } from '../../server/migration-view.ts';
import { isCurrent } from '../../watch/migration/urgency.ts';
import { faultWord } from '../../watch/words.ts';
import { factsOf, type Status, statusOf, statusWord } from '../status.ts';
import { ago, countdown, localText } from '../times.ts';

/** The number that matters of a migration, in words: `before figure after`, and a note below it. Some have only the note. */
export interface RowText {
  readonly before?: string;
  readonly figure?: string;
  readonly after?: string;
  readonly note?: string;
  /** How near the end of the window is. */
  readonly pressing?: 'soon' | 'now';
}

const soonSeconds = 24 * 3_600;
const nowSeconds = 6 * 3_600;

const lasting: ReadonlySet<Status> = new Set([
  'overdue',
  'ready',
  'stalled',
  'approaching',
  'copying',
  'waiting',
]);

/**
 * Returns whether the status of a migration is that of an old reading. What can't be read and what has ended say so
 * themselves. `now` in ms since 1970.
 */
export function isOld(view: MigrationView, now: number): boolean {
  return lasting.has(statusOf(view, now)) && !isCurrent(factsOf(view), now);
}

/** Returns the time left, the time to readiness, or what there is instead. `now` in ms since 1970. */
export function rowText(view: MigrationView, now: number): RowText {
  const text = currentText(view, now);
  const { observedAt, outage } = view;
  if (isOld(view, now) && observedAt !== undefined) {
    const word = statusWord(view, Date.parse(observedAt)).toLowerCase();
    const note = `was ${word} when last read ${ago((now - Date.parse(observedAt)) / 1000)}`;
    // What follows from an old reading is no forecast. A window ends whether it is read or not.
    return view.deadline === undefined ? { note } : { ...text, note };
  }
  if (outage === undefined || outage.failures === 0 || !lasting.has(statusOf(view, now))) return text;
  return { ...text, note: [text.note, 'last poll failed'].filter(Boolean).join('; ') };
}

function currentText(view: MigrationView, now: number): RowText {
  const { observedAt, outage, settlement, settledAt = observedAt, stalledForSeconds = 0 } = view;
  const fault = outage?.errorType === undefined ? undefined : faultWord(outage.errorType, outage.httpStatus);
  const endedAgo = settledAt === undefined ? '' : ago((now - Date.parse(settledAt)) / 1000);
  switch (statusOf(view, now)) {
    case 'overdue':
    case 'ready':
      return windowText(view, now);
    case 'unknown':
      return { note: ['not read yet', fault].filter(Boolean).join(': ') };
    case 'unreachable':
      return {
        before: 'not read for',
        figure: toMinutes(now - Date.parse(observedAt ?? '')),
        ...(fault !== undefined && { note: fault }),
      };
    case 'stalled':
      return {
        before: 'no progress for',
        figure: toMinutes(stalledForSeconds * 1000),
        note: 'check source load and host',
      };
    case 'approaching':
    case 'copying':
      return estimateText(view, now);
    case 'waiting':
      return { note: view.status === 'NEW' ? 'not started in Atlas yet' : 'no lag reported yet' };
    case 'failed':
      return { note: `${endNotes[settlement ?? ''] ?? 'ended'} ${endedAgo}` };
    case 'done':
      return { note: `cut over ${endedAgo}` };
  }
}

const endNotes: Readonly<Record<string, string>> = {
  EXPIRED: 'not cut over in time,',
};

function windowText({ deadline, deadlineEstimated, readySinceKnown }: MigrationView, now: number): RowText {
  if (deadline === undefined) return { figure: 'Cut over' };
  const left = Math.ceil((Date.parse(deadline) - now) / 1000);
  const at = localText(deadline, now);
  const about = deadlineEstimated === false ? '' : 'about ';
  if (left <= 0)
    return {
      before: 'by',
      figure: toMinutes(-left * 1000),
      note: `window ended ${about}${at}`,
      pressing: 'now',
    };
  return {
    figure: countdown(left),
    after: 'left',
    note: readySinceKnown === false && about !== '' ? `until ${at} or earlier` : `until ${about}${at}`,
    ...(left <= nowSeconds ? { pressing: 'now' } : left <= soonSeconds && { pressing: 'soon' }),
  };
}

/** Returns a length of time without seconds, unless there is nothing else: `12 min`. */
function toMinutes(ms: number): string {
  return formatSpan(Math.max(0, ms) / 1000).replace(/ \d+ s$/, '');
}

/** The estimate counts from the latest observation. */
function estimateText(
  { readyInSeconds: seconds, readyInSecondsRange: [earliest, latest] = [], observedAt }: MigrationView,
  now: number,
): RowText {
  if (seconds === undefined || observedAt === undefined) return { note: 'estimating…' };
  const estimate = { seconds, earliest: earliest ?? seconds, ...(latest !== undefined && { latest }) };
  const words = estimateWords(estimate, (now - Date.parse(observedAt)) / 1000);
  return words === undefined ? { note: 'no estimate now' } : { before: 'ready in', figure: words };
}
