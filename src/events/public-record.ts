import type { EventRecord } from './event-record.ts';
import type { Redactor } from './redactor.ts';
import { fitLine, maxLineBytes } from './truncate.ts';

/** Room for the line break, and in ECS for its longer and additional field names. */
const envelopeBytes = { json: 64, ecs: 320 };

/** Fields that never hold a text of somebody else. A weak secret, such as a word or a year, must not destroy them. */
const structure: ReadonlySet<string> = new Set([
  'level',
  'time',
  'service',
  'event',
  'eventId',
  'groupId',
  'liveMigrationId',
  'observedAt',
  'readySince',
  'deadline',
]);

/** Returns an event as it is stored and as it leaves the program: without secrets, and cut where its line would be too long. */
export function publicRecord(
  record: EventRecord,
  redactor: Redactor,
  format: keyof typeof envelopeBytes = 'json',
): EventRecord {
  return fitLine(redactor.fields(record, structure), maxLineBytes - envelopeBytes[format]);
}
