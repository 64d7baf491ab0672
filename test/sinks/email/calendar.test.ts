import { describe, expect, test } from 'vitest';
import { calendarEntry } from '../../../src/sinks/email/calendar.ts';
import { eventNames, sampledAt, sampleEvent } from '../../events/sample-events.ts';
import { hour } from '../../watch/sample-migrations.ts';

const known = { now: sampledAt };

function linesOf(entry: string | undefined): Map<string, string> {
  const unfolded = entry?.replaceAll('\r\n ', '') ?? '';
  return new Map(
    unfolded
      .split('\r\n')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)] as const),
  );
}

const entryOf = (
  record = sampleEvent('migration.ready_for_cutover'),
  now = known as Parameters<typeof calendarEntry>[1],
) => calendarEntry(record, now, 'watch@example.com');

test('a deadline is an entry with everything that RFC 5545 and RFC 5546 ask for', () => {
  expect(entryOf()).toBe(
    [
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      'PRODID:-//cutover-watch//notifications//EN',
      'CALSCALE:GREGORIAN',
      'METHOD:PUBLISH',
      'BEGIN:VEVENT',
      'UID:5f7f5f5f5f5f5f5f5f5f5f5f-7e68e12770616e75e6df43d0@cutover-watch',
      'DTSTAMP:20261123T230000Z',
      'SEQUENCE:28249200',
      'ORGANIZER:mailto:watch@example.com',
      'DTSTART:20261128T230000Z',
      'SUMMARY:Deadline: cut over orders',
      'DESCRIPTION:orders is ready for cutover. Cut over within 5 d (before Sat 28',
      '  Nov 23:00 UTC): Atlas stops synchronizing at about that time.',
      'STATUS:CONFIRMED',
      'TRANSP:TRANSPARENT',
      'END:VEVENT',
      'END:VCALENDAR',
      '',
    ].join('\r\n'),
  );
});

test('events with a deadline have one, and no others', () => {
  expect(eventNames.filter((name) => entryOf(sampleEvent(name)) !== undefined)).toEqual([
    'migration.ready_for_cutover',
    'migration.cutover_reminder',
    'migration.cutover_deadline_near',
    'migration.cutover_deadline_passed',
    'migration.window_changed',
  ]);
});

test('a later message is a later revision of the same entry, with the deadline of then', () => {
  const first = linesOf(entryOf());
  const window = { deadline: sampledAt + 200 * hour, estimated: false };
  const second = linesOf(
    entryOf(sampleEvent('migration.cutover_reminder'), { now: sampledAt + hour, window }),
  );
  expect(second.get('UID')).toBe(first.get('UID'));
  expect(Number(second.get('SEQUENCE'))).toBeGreaterThan(Number(first.get('SEQUENCE')));
  expect(second.get('DTSTART')).toBe('20261202T070000Z');
  expect(linesOf(entryOf(sampleEvent('migration.window_changed'))).get('DTSTART')).toBe('20261203T100000Z');
});

test('a migration that is no longer ready has none', () => {
  expect(entryOf(undefined, { now: sampledAt + hour, window: 'ended' })).toBeUndefined();
});

describe('a name', () => {
  test('cannot end its line, nor its value', () => {
    const entry = entryOf(
      sampleEvent('migration.ready_for_cutover', { migration: 'a;b,c\\d\r\nATTACH:x\u2028y' }),
    );
    expect(linesOf(entry).get('SUMMARY')).toBe('Deadline: cut over a\\;b\\,c\\\\d ATTACH:x y');
    expect(entry).not.toMatch(/^ATTACH/m);
  });

  test.each(['x', 'ä', '漢', '😀', 'ا'])(
    'of many %s is folded at 75 octets, and never within a character',
    (part) => {
      const entry = entryOf(sampleEvent('migration.ready_for_cutover', { migration: part.repeat(200) }));
      for (const line of entry?.split('\r\n') ?? []) {
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
        expect(line.isWellFormed()).toBe(true);
      }
      expect(linesOf(entry).get('SUMMARY')).toBe(`Deadline: cut over ${part.repeat(200)}`);
    },
  );
});
