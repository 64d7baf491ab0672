import { z } from 'zod';
import { count, define, isoTime, migrationFields, seconds } from './event-definition.ts';
import { formatDay, formatSpan } from './format.ts';

const { eventId } = migrationFields;
const sink = z.string().meta({ description: 'Name of the receiver under `notify`' });
const answer = z.string().meta({ description: 'What came back, such as `HTTP 503`' });
const httpStatus = z
  .int()
  .optional()
  .meta({ description: 'HTTP status or SMTP code, where there was a reply' });
const waiting = count.meta({ description: 'Events that wait for this receiver' });
const remedy = z.string();

/** The events about notifications and the ping. Those about one receiver are sent to the others. */
export const notificationEvents = {
  'watcher.sink_unavailable': define({
    level: 'error',
    when: 'a receiver of notifications failed three times in a row, refused the key or the address, or wants nothing any more; once, until it recovers',
    fields: z.object({
      eventId,
      sink,
      failures: count.meta({ description: 'Failed attempts in a row' }),
      since: isoTime,
      answer,
      httpStatus,
      remedy,
      waiting,
      stopped: z.literal(true).optional().meta({ description: 'Nothing is sent until a reload (HTTP 410)' }),
    }),
    sentence: (event) =>
      `${
        event.stopped === true
          ? `Notifications to ${event.sink} have stopped`
          : `Notifications to ${event.sink} have not arrived since ${formatDay(event.since)}`
      }: ${event.answer}. ${event.remedy} ${
        event.stopped === true ? 'Events wait until then.' : 'It is tried again; nothing is lost meanwhile.'
      }`,
  }),
  'watcher.sink_recovered': define({
    level: 'info',
    when: 'a receiver of notifications that was reported takes them again',
    fields: z.object({ eventId, sink, downSeconds: seconds, waiting }),
    sentence: (event) =>
      `Notifications to ${event.sink} arrive again after ${formatSpan(event.downSeconds)}${
        event.waiting === 0 ? '.' : `; ${event.waiting} more are on their way.`
      }`,
  }),
  'watcher.notification_dropped': define({
    level: 'error',
    when: 'an event is not sent to a receiver any more: it was rejected (HTTP 400, 413, 422), or was tried for `giveUpAfter`; further ones within a minute are counted in the next',
    fields: z.object({
      eventId,
      sink,
      reason: z.enum(['rejected', 'gave_up']),
      dropped: count.meta({ description: 'How many events, this one included' }),
      droppedEvent: z.string().meta({ description: 'Name of the event' }),
      droppedEventId: z.string().meta({ description: 'Its id in the log' }),
      droppedMigration: z.string().optional().meta({ description: 'Its migration, where it has one' }),
      answer,
      httpStatus,
      remedy,
    }),
    sentence: (event) => {
      const more = event.dropped - 1;
      return `${event.droppedEvent}${event.droppedMigration === undefined ? '' : ` of ${event.droppedMigration}`}${
        more === 0 ? '' : ` and ${more} more ${more === 1 ? 'event' : 'events'}`
      } will not reach ${event.sink}: ${
        event.reason === 'rejected' ? 'the receiver rejected it' : 'it was tried for too long'
      } (${event.answer}). ${event.remedy}`;
    },
  }),
  'watcher.sinks_changed': define({
    level: ({ undelivered }) => (undelivered === undefined ? 'info' : 'warn'),
    when: 'the configuration has other receivers of notifications than before; also at a start',
    fields: z.object({
      added: z.array(z.string()).meta({ description: 'They begin now, without earlier events' }),
      removed: z.array(z.string()),
      undelivered: count
        .optional()
        .meta({ description: 'Events, at the most, that the removed ones never got' }),
    }),
    sentence: ({ added, removed, undelivered }) =>
      [
        ...(added.length === 0
          ? []
          : [`Notifications to ${added.join(', ')} begin now, without earlier events.`]),
        ...(removed.length === 0
          ? []
          : [
              `Notifications to ${removed.join(', ')} have ended${
                undelivered === undefined ? '.' : `; up to ${undelivered} events were not delivered.`
              }`,
            ]),
        ...(added.length > 0 && removed.length > 0 ? ['A receiver with another name is a new one.'] : []),
      ].join(' '),
  }),
  'watcher.notification_test': define({
    level: 'info',
    when: '`cutover-watch notify test` sends it to a receiver; it is in no log and in no stream',
    durable: false,
    fields: z.object({ eventId, sink, test: z.literal(true).meta({ description: 'It is a test' }) }),
    sentence: (event) =>
      `This is a test of notifications to ${event.sink}: nothing has happened. Somebody ran cutover-watch notify test.`,
  }),
  'watcher.ping_failed': define({
    level: 'warn',
    when: 'five pings in a row were not taken, once until one is',
    fields: z.object({
      eventId,
      failures: count.meta({ description: 'Failed pings in a row' }),
      since: isoTime,
      answer,
      httpStatus,
      remedy,
    }),
    sentence: (event) =>
      `The ping has not arrived since ${formatDay(event.since)}: ${event.answer}. ${event.remedy} The service that expects it may raise its alarm.`,
  }),
  'watcher.ping_recovered': define({
    level: 'info',
    when: 'a ping was taken after those that were reported',
    fields: z.object({ eventId, downSeconds: seconds }),
    sentence: (event) => `The ping arrives again after ${formatSpan(event.downSeconds)}.`,
  }),
} as const;
