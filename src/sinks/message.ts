import { cleanText } from '../atlas/clean-text.ts';
import type { EventRecord } from '../events/event-record.ts';
import { formatMoment } from '../events/format.ts';
import { latenessOf } from './lateness.ts';
import type { Known } from './sender.ts';
import { textField } from './text-field.ts';

/** An event in words for people: plain text on one line each, not escaped for any format. */
export interface Message {
  /** The sentence of the event. */
  readonly text: string;
  /** Of a late message: how late it is, and how things stand now. */
  readonly late: string | undefined;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** Where it comes from. */
  readonly origin: string;
}

/** Limits in characters. All formats have room for them. */
const longestText = 2_500;
const longestFact = 300;
const longestName = 60;

/** Returns the words of an event, for every format that is made for people. */
export function messageOf(record: EventRecord, known: Known): Message {
  const { event, time, labels } = record;
  const deadline = textField(record, 'deadline');
  const facts = [
    { name: 'Migration', value: textField(record, 'migration') },
    { name: 'Labels', value: labelsText(labels) },
    { name: 'Project', value: textField(record, 'groupId') },
    { name: 'Deadline', value: deadline && formatMoment(deadline) },
    { name: 'Event', value: event },
    { name: 'Time', value: formatMoment(time) },
  ].flatMap(({ name, value }) =>
    value !== undefined && value !== '' ? [{ name, value: cleanText(value, longestFact) }] : [],
  );
  return {
    text: cleanText(record.msg, longestText),
    late: latenessOf(record, known)?.sentence,
    facts,
    origin: originOf(known),
  };
}

/** Returns the name of this watcher. */
export function originOf({ title }: Pick<Known, 'title'>): string {
  return cleanText(title ?? '', longestName) || 'cutover-watch';
}

function labelsText(labels: unknown): string {
  if (typeof labels !== 'object' || labels === null) return '';
  return Object.entries(labels as Readonly<Record<string, string>>)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}
