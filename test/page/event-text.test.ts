import { expect, test } from 'vitest';
import { foldEvents } from '../../src/page/detail/fold-events.ts';
import { eventText } from '../../src/page/event-text.ts';
import { sampleEvent } from '../events/sample-events.ts';

const when = (isoTime: string) => `<${isoTime.slice(5, 16)}>`;
const deadline = '2026-12-03T13:45:00.000Z';

test.each([
  ['migration.ready_for_cutover', /^orders is ready for cutover\. Cut over before <12-03T13:45>\./],
  ['migration.cutover_reminder', /^orders is still ready: cut over before <12-03T13:45>\.$/],
  ['migration.cutover_deadline_near', /^orders must be cut over before <12-03T13:45>\./],
  ['migration.cutover_deadline_passed', /^orders was not cut over before the estimated end of its window\./],
] as const)('%s has its deadline for the reader, once, and never in UTC', (event, text) => {
  const shown = eventText(sampleEvent(event, { migration: 'orders', deadline }), when);
  expect(shown).toMatch(text);
  expect(shown).not.toContain('UTC');
  expect(shown.split('<').length).toBeLessThanOrEqual(2);
});

test('moments in UTC within a sentence are written for the reader, with or without a year', () => {
  const record = { ...sampleEvent('migration.first_seen'), time: '2026-01-02T10:00:00.000Z' };
  const text = (msg: string) => eventText({ ...record, msg }, when);
  expect(text('since 2026-11-28 14:43 UTC: no')).toBe('since <11-28T14:43>: no');
  expect(text('since Thu 31 Dec 14:43:05 UTC.')).toBe('since <12-31T14:43>.');
  expect(text('a host 2026-99-99 14:43 UTC')).toBe('a host 2026-99-99 14:43 UTC');
});

test('an event without the field that its sentence needs keeps its own sentence', () => {
  const record = { ...sampleEvent('migration.ready_for_cutover'), deadline: 'soon', msg: 'It is ready.' };
  expect(eventText(record, when)).toBe('It is ready.');
});

const at = (minute: number, ...event: Parameters<typeof sampleEvent>) => ({
  ...sampleEvent(...event),
  time: new Date(Date.UTC(2026, 10, 28, 12, minute)).toISOString(),
  eventId: `${minute}`.padStart(32, '0'),
});

test('repeats in a row are folded, the latest first, and what lies between is not', () => {
  const groups = foldEvents([
    at(0, 'migration.lag_stalled'),
    at(1, 'migration.lag_recovered'),
    at(2, 'migration.lag_stalled'),
    at(3, 'migration.lag_recovered'),
    at(4, 'migration.ready_for_cutover'),
    at(5, 'migration.cutover_reminder'),
    at(6, 'migration.cutover_reminder'),
    at(7, 'watcher.unreachable'),
    at(8, 'watcher.unreachable', { reminder: true }),
    at(9, 'watcher.unreachable', { reminder: true }),
  ]);
  expect(groups.map(({ text, events: [{ event }] }) => text ?? event)).toEqual([
    "2 reminders that it can't be read",
    'watcher.unreachable',
    '2 reminders that it is ready for cutover',
    'migration.ready_for_cutover',
    '2 stalls',
  ]);
  expect(groups.at(-1)?.events.map(({ time }) => time.slice(14, 16))).toEqual(['03', '02', '01', '00']);
});

test('a single stall and its end are two entries, and an end stands for its change of status', () => {
  const groups = foldEvents([
    at(0, 'migration.lag_stalled'),
    at(1, 'migration.lag_recovered'),
    at(2, 'migration.status_changed', { from: 'WORKING', to: 'COMPLETE' }),
    at(2, 'migration.completed'),
  ]);
  expect(groups.map(({ events: [{ event }] }) => event)).toEqual([
    'migration.completed',
    'migration.lag_recovered',
    'migration.lag_stalled',
  ]);
});
