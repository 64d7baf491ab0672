import { expect, it } from 'vitest';
import { eventId } from '../../src/events/event-id.ts';

const transition = {
  groupId: '5f7f5f5f5f5f5f5f5f5f5f5f',
  liveMigrationId: '7e68e12770616e75e6df43d0',
  rememberedSince: Date.UTC(2026, 10, 23),
  event: 'migration.ready_for_cutover',
  occurrence: 1,
};

it('is 32 hexadecimal digits', () => {
  expect(eventId(transition)).toMatch(/^[0-9a-f]{32}$/);
});

it('is the same for the same transition, for ever', () => {
  expect(eventId({ ...transition })).toBe(eventId(transition));
  expect(eventId(transition)).toBe('e16deaa96fbd9d29aec22eb78a6d8ca3');
});

it.each([
  ['project', { groupId: '6f7f5f5f5f5f5f5f5f5f5f5f' }],
  ['migration', { liveMigrationId: '8e68e12770616e75e6df43d0' }],
  ['memory', { rememberedSince: Date.UTC(2026, 10, 24) }],
  ['event', { event: 'migration.completed' }],
  ['occurrence', { occurrence: 2 }],
  ['pair of ends', { ends: ['NEW', 'WORKING'] as const }],
])('is another one for another %s', (_what, difference) => {
  expect(eventId({ ...transition, ...difference })).not.toBe(eventId(transition));
});
