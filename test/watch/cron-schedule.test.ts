import { expect, it, test } from 'vitest';
import { cronIntervalMs, shortestGapMs } from '../../src/watch/cron-schedule.ts';

it.each([
  ['*/30 * * * * *', 30_000],
  ['*/5 * * * * *', 5_000],
  ['0,10 * * * * *', 10_000],
  ['0 * * * * *', 60_000],
  ['*/5 * * * *', 300_000],
  ['0 0 * * * *', 3_600_000],
  ['0 0 12 * * *', 86_400_000],
])('%s ticks every %d ms at its fastest', (expression, expected) => {
  expect(cronIntervalMs(expression, 'UTC')).toBe(expected);
});

test('the shortest gap is that of the closest neighbours', () => {
  expect(shortestGapMs([0, 500, 700, 2_000].map((at) => new Date(at)))).toBe(200);
});

test('where there are no two ticks, a minute stands for the gap', () => {
  expect(shortestGapMs([])).toBe(60_000);
  expect(shortestGapMs([new Date(5)])).toBe(60_000);
});
