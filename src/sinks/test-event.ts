import { eventId } from '../events/event-id.ts';
import { buildEvent, type EventRecord } from '../events/event-record.ts';

/** Returns an event that says of itself that it is a test. `now` in ms since 1970. Nothing stores it. */
export function testEvent(sink: string, now: number): EventRecord {
  const event = 'watcher.notification_test';
  return buildEvent(event, { eventId: eventId({ subject: sink, event, at: now }), sink, test: true }, now);
}
