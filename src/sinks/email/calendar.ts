import { cleanText } from '../../atlas/clean-text.ts';
import type { EventRecord } from '../../events/event-record.ts';
import type { Known } from '../sender.ts';
import { textField } from '../text-field.ts';

/** A line has at most 75 octets (RFC 5545 §3.1), the space before a continued one included. */
const longestLine = 75;
const longestText = 1_000;
/** Numbers of revisions count the seconds from here, so that they fit in 31 bits. */
const revisionsFrom = Date.UTC(2026, 0, 1);

/**
 * Returns the deadline of an event as an iCalendar object (RFC 5545) that calendars take as published (RFC 5546). All
 * messages about one migration are revisions of one entry: a migration has one deadline at a time, and the latest
 * message is right. Undefined where the event has none, or the migration is no longer ready.
 */
export function calendarEntry(record: EventRecord, known: Known, organizer: string): string | undefined {
  const deadline = deadlineOf(record, known);
  const [groupId, liveMigrationId] = [textField(record, 'groupId'), textField(record, 'liveMigrationId')];
  if (deadline === undefined || groupId === undefined || liveMigrationId === undefined) return undefined;
  const name = cleanText(textField(record, 'migration') ?? liveMigrationId, longestText);
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//cutover-watch//notifications//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    'BEGIN:VEVENT',
    `UID:${escaped(`${groupId}-${liveMigrationId}@cutover-watch`)}`,
    `DTSTAMP:${utc(known.now)}`,
    `SEQUENCE:${Math.max(0, Math.floor((known.now - revisionsFrom) / 1000))}`,
    `ORGANIZER:mailto:${encodeURI(cleanText(organizer, longestText)).replaceAll(/[;,:]/g, encodeURIComponent)}`,
    `DTSTART:${utc(deadline)}`,
    `SUMMARY:${escaped(`Deadline: cut over ${name}`)}`,
    `DESCRIPTION:${escaped(cleanText(record.msg, longestText))}`,
    'STATUS:CONFIRMED',
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  return `${lines.flatMap(folded).join('\r\n')}\r\n`;
}

/** The deadline as it is now, in ms since 1970. */
function deadlineOf({ event, deadline, to }: EventRecord, { window }: Known): number | undefined {
  const stated = event === 'migration.window_changed' ? to : deadline;
  if (typeof stated !== 'string' || window === 'ended') return undefined;
  const at = window?.deadline ?? Date.parse(stated);
  return Number.isNaN(at) ? undefined : at;
}

/** Returns a moment in UTC: `20261128T230000Z`. */
function utc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

/** Escapes a text value (RFC 5545 §3.3.11). It has no line breaks. */
function escaped(text: string): string {
  return text.replaceAll(/[\\;,]/g, '\\$&');
}

/** Splits a line where it is too long, never within a character. */
function folded(line: string): string[] {
  const lines: string[] = [];
  let current = '';
  let size = 0;
  for (const character of line) {
    const bytes = Buffer.byteLength(character);
    if (size + bytes > longestLine) {
      lines.push(current);
      current = ' ';
      size = 1;
    }
    current += character;
    size += bytes;
  }
  return [...lines, current];
}
