import { cleanText } from '../../atlas/clean-text.ts';
import type { EventRecord } from '../../events/event-record.ts';
import { formatSpan } from '../../events/format.ts';
import { latenessOf } from '../lateness.ts';
import { messageOf } from '../message.ts';
import type { Known } from '../sender.ts';
import { textField } from '../text-field.ts';
import { calendarEntry } from './calendar.ts';

/** A longer subject is cut in lists of messages. */
const longestSubject = 120;

/** An e-mail, in the terms of nodemailer. */
export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly date: Date;
  readonly messageId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly attachments: readonly {
    readonly filename: string;
    readonly contentType: string;
    readonly content: string;
  }[];
}

/**
 * Returns an event as a plain e-mail, with its deadline for a calendar. Its `Message-ID` follows from the id of the event:
 * a message that is sent twice is one message to most mail programs.
 */
export function mailOf(
  record: EventRecord,
  known: Known,
  { from, to }: { readonly from: string; readonly to: readonly string[] },
): Mail {
  const { text, late, facts, origin } = messageOf(record, known);
  const calendar = calendarEntry(record, known, addressIn(from));
  return {
    from,
    to,
    subject: subjectOf(record, known, origin),
    date: new Date(known.now),
    messageId: `<${textField(record, 'eventId') ?? 'test'}@${domainOf(from)}>`,
    headers: { 'Auto-Submitted': 'auto-generated' },
    text: [
      ...(late === undefined ? [] : [late, '']),
      text,
      '',
      ...facts.map(({ name, value }) => `${name}: ${value}`),
      '',
      `Sent by ${origin}.`,
      '',
    ].join('\n'),
    attachments:
      calendar === undefined
        ? []
        : [
            {
              filename: 'deadline.ics',
              contentType: 'text/calendar; charset=utf-8; method=PUBLISH',
              content: calendar,
            },
          ],
  };
}

/** The first sentence of the event, after the name of the watcher. */
function subjectOf(record: EventRecord, known: Known, origin: string): string {
  const { msg } = record;
  const name = textField(record, 'migration') ?? '';
  // A name may look like the end of a sentence.
  const from = msg.startsWith(name) ? name.length : 0;
  const end = /[.!?](?= |$)/.exec(msg.slice(from));
  const first = end === null ? msg : msg.slice(0, from + end.index);
  const late = latenessOf(record, known);
  const state =
    late === undefined
      ? ''
      : late.window === 'ended'
        ? ' (late; no longer ready)'
        : ` (${formatSpan(late.lateSeconds)} late)`;
  return `[${origin}] ${cleanText(first, longestSubject)}${state}`;
}

/** Returns the address of `Name <address>`. */
function addressIn(text: string): string {
  return /<([^<>]*)>\s*$/.exec(text)?.[1] ?? text.trim();
}

function domainOf(from: string): string {
  const domain = addressIn(from).split('@').at(-1) ?? '';
  return /^[\w.-]+$/.test(domain) ? domain : 'cutover-watch.invalid';
}
