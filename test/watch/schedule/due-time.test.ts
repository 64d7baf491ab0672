import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { createCronSchedule } from '../../../src/watch/schedule/cron.ts';
import {
  afterClockStep,
  isBehind,
  nextDueAt,
  nextPollAt,
  offsetMs,
} from '../../../src/watch/schedule/due-time.ts';

const key = (number: number): string => `5f7f5f5f5f5f5f5f5f5f5f5f/${number.toString(16).padStart(24, '0')}`;

describe('the offset of a migration', () => {
  it('is a multiple of 100 ms below four fifths of the interval and below a minute', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1_000, max: 86_400_000 }), (name, intervalMs) => {
        const offset = offsetMs(name, intervalMs);
        expect(offset % 100).toBe(0);
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(offset).toBeLessThan(Math.min(intervalMs * 0.8, 60_000));
      }),
    );
  });

  it('is the same in every run, as a restart must not change when a migration is polled', () => {
    expect([1, 2, 3].map((number) => offsetMs(key(number), 30_000))).toEqual([11_300, 1_600, 18_100]);
  });

  it('spreads ids that differ in their last digits evenly', () => {
    const counts = new Map<number, number>();
    for (let number = 0; number < 10_000; number += 1) {
      const offset = offsetMs(key(number), 30_000);
      counts.set(offset, (counts.get(offset) ?? 0) + 1);
    }
    expect(counts.size).toBe(240);
    // 42 on average; of a random spread, one in ten thousand slots has more than 68.
    expect(Math.max(...counts.values())).toBeLessThan(75);
    expect(Math.min(...counts.values())).toBeGreaterThan(15);
  });
});

const noon = Date.UTC(2026, 10, 24, 12);

test.each([
  { rule: 'at a tick, the offset is to come', offset: 7_000, after: noon, expected: noon + 7_000 },
  { rule: 'just before the slot', offset: 7_000, after: noon + 6_999, expected: noon + 7_000 },
  { rule: 'at the slot, the next one', offset: 7_000, after: noon + 7_000, expected: noon + 37_000 },
  { rule: 'without an offset', offset: 0, after: noon - 1, expected: noon },
  {
    rule: 'the slot of the tick before, its offset being longer than what has passed',
    offset: 23_900,
    after: noon + 30_000 - 7_000,
    expected: noon + 23_900,
  },
])('the next due time: $rule', ({ offset, after, expected }) => {
  expect(nextDueAt(createCronSchedule('*/30 * * * * *', 'UTC'), offset, after)).toBe(expected);
});

it('without a next tick there is no due time', () => {
  const never = createCronSchedule('0 0 0 1-7 * 1#5', 'UTC');
  expect(nextDueAt(never, 100, noon)).toBe(Number.POSITIVE_INFINITY);
});

const inThePast = Number.NEGATIVE_INFINITY;

test.each([
  { rule: 'within the interval it is not', dueAt: 0, now: 29_999, behind: false },
  { rule: 'after the interval it is', dueAt: 0, now: 30_000, behind: true },
  {
    rule: 'during a pause that Atlas asked for it is not',
    dueAt: 0,
    pausedUntil: 120_000,
    now: 100_000,
    behind: false,
  },
  { rule: 'nor for an interval after', dueAt: 0, pausedUntil: 120_000, now: 149_999, behind: false },
  { rule: 'but then it is', dueAt: 0, pausedUntil: 120_000, now: 150_000, behind: true },
])('a poll is behind: $rule', ({ dueAt, pausedUntil = inThePast, now, behind }) => {
  expect(isBehind({ dueAt, pausedUntil, intervalMs: 30_000 }, now)).toBe(behind);
});

test.each([
  { rule: 'its slot, where nothing failed', retryMs: undefined, after: 0, expected: (slot: number) => slot },
  {
    rule: 'the slot after, where it ran a little before its slot',
    retryMs: undefined,
    after: -100,
    expected: (slot: number) => slot + 30_000,
  },
  { rule: 'the retry, where a failed poll wants one', retryMs: 5_000, after: 0, expected: () => 5_000 },
])('the next poll comes at $rule', ({ retryMs, after, expected }) => {
  const schedule = createCronSchedule('*/30 * * * * *', 'UTC');
  const slot = nextDueAt(schedule, offsetMs('g/m', schedule.intervalMs), 0);
  const now = after === 0 ? 0 : slot + after;
  expect(nextPollAt({ key: 'g/m', schedule }, retryMs, now)).toBe(expected(slot));
});

const hour = 3_600_000;

test.each([
  { rule: 'the clocks agree', stepMs: 0, dueAt: 30_000, expected: 30_000 },
  { rule: 'they drift apart by less than a second', stepMs: 1_000, dueAt: 30_000, expected: 30_000 },
  { rule: 'set back an hour, the time left stays', stepMs: -hour, dueAt: 30_000, expected: 30_000 },
  { rule: 'set forward seven seconds', stepMs: 7_000, dueAt: 30_000, expected: 23_000 },
  { rule: 'set forward to the very moment', stepMs: 20_000, dueAt: 30_000, expected: 10_000 },
  { rule: 'set forward thirty days: once, now', stepMs: 720 * hour, dueAt: 30_000, expected: 10_000 },
  { rule: 'slept for two hours: once, now', stepMs: 2 * hour, dueAt: 10_001, expected: 10_000 },
  { rule: 'what waits already keeps its place', stepMs: 7_000, dueAt: 4_000, expected: 4_000 },
  {
    rule: 'what is never due stays so',
    stepMs: 7_000,
    dueAt: Number.POSITIVE_INFINITY,
    expected: Number.POSITIVE_INFINITY,
  },
])('after a clock step: $rule', ({ stepMs, dueAt, expected }) => {
  expect(afterClockStep(dueAt, stepMs, 10_000)).toBe(expected);
});
