import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startCronSchedule } from '../../src/watch/cron-schedule.ts';

const start = Date.UTC(2026, 10, 24, 12, 0, 0, 100);
const hour = 3_600_000;

beforeEach(
  () => void vi.useFakeTimers({ now: start, toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }),
);
afterEach(() => void vi.useRealTimers());

/** Runs a schedule while the wall clock is set by `jumpMs` after twelve seconds; returns when it ticked. */
function ticksAround(expression: string, jumpMs: number, seconds: number): number[] {
  const begin = performance.now();
  const monotonic = () => performance.now() - begin;
  let offset = 0;
  const ticks: number[] = [];
  const now = () => start + monotonic() + offset;
  const stop = startCronSchedule(expression, 'UTC', () => ticks.push(Math.round(monotonic() / 100) / 10), {
    now,
    monotonic,
  });
  vi.advanceTimersByTime(12_000);
  offset = jumpMs;
  vi.setSystemTime(start + 12_000 + jumpMs);
  vi.advanceTimersByTime((seconds - 12) * 1_000);
  stop();
  vi.advanceTimersByTime(60_000);
  return ticks;
}

test('ticks at the times of its expression', () => {
  expect(ticksAround('*/5 * * * * *', 0, 31)).toEqual([4.9, 9.9, 14.9, 19.9, 24.9, 29.9]);
});

test.each([
  ['set back an hour', -hour],
  ['set back twenty seconds', -20_000],
  ['set forward thirty days', 720 * hour],
  ['set forward seven seconds', 7_000],
])('with the clock %s, ticks go on one an interval, and none is made up for', (_, jumpMs) => {
  const ticks = ticksAround('*/5 * * * * *', jumpMs, 60);
  const gaps = ticks.slice(1).map((at, index) => at - (ticks[index] ?? 0));
  expect(ticks.length).toBeGreaterThanOrEqual(10);
  expect(ticks.length).toBeLessThanOrEqual(13);
  for (const gap of gaps) expect(gap).toBeLessThanOrEqual(5.2);
});

test('tells of its looks at the clock, every second also while no tick is near', () => {
  const looks: number[] = [];
  const clocks = { now: Date.now, monotonic: () => performance.now() };
  const stop = startCronSchedule('0 0 0 * * *', 'UTC', () => {}, {
    ...clocks,
    onLook: () => looks.push(Date.now() - start),
  });
  vi.advanceTimersByTime(3_500);
  stop();
  vi.advanceTimersByTime(3_500);
  expect(looks).toEqual([0, 1_000, 2_000, 3_000]);
});
