import type { EventRecord } from '../events/event-record.ts';

/** Returns a field of an event that is a text and not empty. */
export function textField(record: EventRecord, name: string): string | undefined {
  const value = record[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
