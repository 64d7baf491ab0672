import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
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

/** Runs a schedule through the hours around a moment, and returns its ticks in that time zone. */
function ticksAbout(expression: string, timezone: string, moment: string, hours: number): Date[] {
  const begin = Date.parse(moment) - (hours / 2) * hour + 100;
  vi.setSystemTime(begin);
  const since = performance.now();
  const monotonic = () => performance.now() - since;
  const ticks: Date[] = [];
  const clocks = { now: () => begin + monotonic(), monotonic };
  const stop = startCronSchedule(expression, timezone, () => ticks.push(new Date()), clocks);
  vi.advanceTimersByTime(hours * hour);
  stop();
  return ticks;
}

describe.each([
  ['Berlin, to winter', 'Europe/Berlin', '2026-10-25T01:00:00Z'],
  ['Berlin, to summer', 'Europe/Berlin', '2026-03-29T01:00:00Z'],
  ['New York, to winter', 'America/New_York', '2026-11-01T06:00:00Z'],
  ['New York, to summer', 'America/New_York', '2026-03-08T07:00:00Z'],
  ['Lord Howe, to winter by half an hour', 'Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
  ['Lord Howe, to summer by half an hour', 'Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
])('when the clocks change in %s', (_, timezone, moment) => {
  test.each([
    ['*/30 * * * * *', 30_000],
    ['15 */10 * * * *', 600_000],
  ])('%s keeps its pace', (expression, intervalMs) => {
    const ticks = ticksAbout(expression, timezone, moment, 3);
    const gaps = ticks.slice(1).map((at, index) => at.getTime() - (ticks[index]?.getTime() ?? 0));
    expect(new Set(gaps.map((gap) => Math.round(gap / 1_000) * 1_000))).toEqual(new Set([intervalMs]));
    expect(ticks).toHaveLength((3 * hour) / intervalMs);
  });
});

test.each([
  [
    'a tick of every hour comes also in the hour that comes twice',
    '0 5 * * * *',
    'Europe/Berlin',
    '2026-10-25T01:00:00Z',
    ['23:05', '00:05', '01:05', '02:05'],
  ],
  [
    'a tick at a half past of a time zone of half hours',
    '0 30 * * * *',
    'Asia/Kolkata',
    '2026-10-25T01:00:00Z',
    ['00:00', '01:00', '02:00', '03:00'],
  ],
  [
    'a tick of a day at an hour that comes twice comes once',
    '0 30 2 * * *',
    'Europe/Berlin',
    '2026-10-25T00:00:00Z',
    ['01:30'],
  ],
  [
    'a tick of a day at an hour that is left out',
    '0 30 2 * * *',
    'Europe/Berlin',
    '2026-03-29T01:00:00Z',
    [],
  ],
  ['a tick of a day at any other hour', '0 30 4 * * *', 'Europe/Berlin', '2026-03-29T01:00:00Z', ['02:30']],
])('%s', (_, expression, timezone, moment, expected) => {
  const ticks = ticksAbout(expression, timezone, moment, 4);
  expect(ticks.map((at) => at.toISOString().slice(11, 16))).toEqual(expected);
});
