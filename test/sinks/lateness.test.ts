import { expect, test } from 'vitest';
import { latenessOf } from '../../src/sinks/lateness.ts';
import { sampledAt, sampleEvent } from '../events/sample-events.ts';
import { hour, minute } from '../watch/sample-migrations.ts';

const record = sampleEvent('migration.ready_for_cutover');
const deadline = sampledAt + 120 * hour;

test.each([
  { rule: 'sent at once', lateMs: 0 },
  { rule: 'two minutes old', lateMs: 2 * minute },
  { rule: 'from a clock that is ahead', lateMs: -hour },
])('an event $rule is not late', ({ lateMs }) => {
  expect(latenessOf(record, { now: sampledAt + lateMs, window: 'ended' })).toBeUndefined();
});

test('an event without a readiness says only how late it is', () => {
  expect(latenessOf(record, { now: sampledAt + 3 * hour })).toEqual({
    lateSeconds: 10_800,
    window: undefined,
    sentence: 'This message is 3 h late: it is of Mon 23 Nov 23:00 UTC.',
  });
});

test.each([
  {
    rule: 'what is left of an estimated window',
    window: { deadline, estimated: true },
    says: 'Now about 4 d 21 h are left, until Sat 28 Nov 23:00 UTC.',
  },
  {
    rule: 'what is left of a stated window',
    window: { deadline: deadline + hour, estimated: false },
    says: 'Now 4 d 22 h are left, until Sun 29 Nov 00:00 UTC.',
  },
  {
    rule: 'that the window is over',
    window: { deadline: sampledAt + 2 * hour, estimated: true },
    says: 'Now its estimated deadline is over: it passed 1 h ago (Tue 24 Nov 01:00 UTC).',
  },
  {
    rule: 'that it is no longer ready',
    window: 'ended',
    says: 'Now the migration is no longer ready for cutover.',
  },
] as const)('a late event of a readiness says $rule', ({ window, says }) => {
  expect(latenessOf(record, { now: sampledAt + 3 * hour, window })?.sentence).toBe(
    `This message is 3 h late: it is of Mon 23 Nov 23:00 UTC. ${says}`,
  );
});
