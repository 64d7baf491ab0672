import { expect, test } from 'vitest';
import { sleepBeforeTick } from '../../src/watch/tick-plan.ts';

const dueAt = Date.UTC(2026, 10, 24, 12, 0, 30);
const hour = 3_600_000;

test.each([
  [
    'just planned, the tick far off: it looks again in a second',
    { now: dueAt - 30_000, monotonic: 0 },
    1_000,
  ],
  ['half a second before', { now: dueAt - 500, monotonic: 29_500 }, 500],
  ['a fraction of a millisecond before', { now: dueAt - 0.2, monotonic: 29_999.8 }, 1],
  ['at the moment', { now: dueAt, monotonic: 30_000 }, 0],
  ['late, as the program was busy', { now: dueAt + 5_000, monotonic: 35_000 }, 0],
  [
    'the clock was set back an hour: the interval has passed all the same',
    { now: dueAt - hour, monotonic: 30_000 },
    0,
  ],
  [
    'the clock was set back an hour, the interval not over',
    { now: dueAt - hour - 400, monotonic: 29_600 },
    400,
  ],
  ['the clock was set forward thirty days: once, at once', { now: dueAt + 720 * hour, monotonic: 10_000 }, 0],
  ['the machine slept two hours, its monotonic clock too', { now: dueAt + 2 * hour, monotonic: 12_000 }, 0],
])('%s', (_, { now, monotonic }, sleepMs) => {
  expect(sleepBeforeTick({ dueAt, now, dueMonotonic: 30_000, monotonic })).toBe(sleepMs);
});
