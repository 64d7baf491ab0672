import type { EventRecord } from '../events/event-record.ts';
import { formatDay, formatSpan } from '../events/format.ts';
import type { Known } from './sender.ts';

/** An event this much older than its message, in ms, is late. */
const lateAfterMs = 2 * 60_000;

/** What a late message says beside its event. */
export interface Lateness {
  readonly lateSeconds: number;
  /** The window of the migration now; `ended`: it is no longer ready. */
  readonly window: Known['window'];
  /** All of it in words. */
  readonly sentence: string;
}

/** Returns what is to be said of a late message: how late it is, and how much is left now. Undefined if it is in time. */
export function latenessOf(
  { time }: Pick<EventRecord, 'time'>,
  { now, window }: Known,
): Lateness | undefined {
  const lateMs = now - Date.parse(time);
  if (Number.isNaN(lateMs) || lateMs <= lateAfterMs) return undefined;
  const lateSeconds = Math.round(lateMs / 1000);
  const sentence = `This message is ${formatSpan(lateSeconds)} late: it is of ${formatDay(time)}.${windowNow(window, now)}`;
  return { lateSeconds, window, sentence };
}

function windowNow(window: Known['window'], now: number): string {
  if (window === undefined) return '';
  if (window === 'ended') return ' Now the migration is no longer ready for cutover.';
  const left = (window.deadline - now) / 1000;
  const moment = formatDay(new Date(window.deadline).toISOString(), left);
  const span = formatSpan(Math.abs(left));
  return left < 0
    ? ` Now its ${window.estimated ? 'estimated ' : ''}deadline is over: it passed ${span} ago (${moment}).`
    : ` Now ${window.estimated ? 'about ' : ''}${span} are left, until ${moment}.`;
}
