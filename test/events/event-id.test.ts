import { expect, it } from 'vitest';
import { eventId } from '../../src/events/event-id.ts';

const transition = {
  subject: '5f7f5f5f5f5f5f5f5f5f5f5f/7e68e12770616e75e6df43d0',
  event: 'migration.ready_for_cutover',
  at: Date.UTC(2026, 10, 23),
};

it('is 32 hexadecimal digits', () => {
  expect(eventId(transition)).toMatch(/^[0-9a-f]{32}$/);
});

it('is the same for the same transition, in every version of the program', () => {
  expect(eventId({ ...transition })).toBe(eventId(transition));
  expect(eventId({ ...transition, detail: undefined })).toBe(eventId(transition));
  expect(eventId(transition)).toBe('9311360b2d58c610b1b65f7b3dda5597');
});

it.each([
  { part: 'migration', difference: { subject: '5f7f5f5f5f5f5f5f5f5f5f5f/8e68e12770616e75e6df43d0' } },
  { part: 'scope', difference: { subject: 'account' } },
  { part: 'event', difference: { event: 'migration.completed' } },
  { part: 'moment', difference: { at: transition.at + 1 } },
  { part: 'detail', difference: { detail: 'NEW' } },
])('is another one for another $part', ({ difference }) => {
  expect(eventId({ ...transition, ...difference })).not.toBe(eventId(transition));
});
