import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { createCronSchedule } from '../../../src/watch/schedule/cron.ts';

const hour = 3_600_000;

/** Returns the ticks of an expression in the hours around a moment. */
function ticksAround(expression: string, timezone: string, moment: string, hours: number): number[] {
  const schedule = createCronSchedule(expression, timezone);
  const end = Date.parse(moment) + (hours / 2) * hour;
  const ticks: number[] = [];
  for (let at = schedule.next(end - hours * hour); at <= end; at = schedule.next(at)) ticks.push(at);
  return ticks;
}

const shown = (at: number): string => new Date(at).toISOString().slice(5, 16);

it.each([
  ['*/30 * * * * *', 30_000],
  ['*/5 * * * * *', 5_000],
  ['0,10 * * * * *', 10_000],
  ['10,0 * * * * *', 10_000],
  ['0 * * * * *', 60_000],
  ['*/5 * * * *', 300_000],
  ['0 0 * * * *', hour],
  ['@hourly', hour],
  ['0 0 12 * * *', 24 * hour],
])('%s ticks every %d ms at its fastest', (expression, intervalMs) => {
  expect(createCronSchedule(expression, 'UTC').intervalMs).toBe(intervalMs);
});

it('has the interval of its local times, which a clock change does not shorten', () => {
  expect(createCronSchedule('0 0 12 * * *', 'Europe/Berlin').intervalMs).toBe(24 * hour);
});

it('ticks strictly after the moment that is given', () => {
  const { next } = createCronSchedule('*/5 * * * * *', 'UTC');
  const tick = Date.UTC(2026, 10, 24, 12, 0, 5);
  for (const after of [tick - 5_000, tick - 4_999.5, tick - 1, tick - 0.25]) expect(next(after)).toBe(tick);
  expect(next(tick)).toBe(tick + 5_000);
  expect(next(tick - 5_001)).toBe(tick - 5_000);
});

test.each([
  { rule: 'a month', expression: '0 0 9 1 * *', expected: '2027-01-01T09:00:00.000Z' },
  { rule: 'February 29', expression: '0 0 0 29 2 *', expected: '2028-02-29T00:00:00.000Z' },
  { rule: 'February 29 on a Monday', expression: '0 0 0 29 2 1', expected: '2044-02-29T00:00:00.000Z' },
  { rule: 'the last day of a month', expression: '0 30 18 L * *', expected: '2026-12-31T18:30:00.000Z' },
  {
    rule: 'the second Monday of a month',
    expression: '0 0 9 * * 1#2',
    expected: '2026-12-14T09:00:00.000Z',
  },
  {
    rule: 'times written in any order',
    expression: '30,0 5,1 14,9 * * *',
    expected: '2026-12-02T09:01:00.000Z',
  },
])('finds the tick of $rule', ({ expression, expected }) => {
  const after = Date.UTC(2026, 11, 1, 19);
  const from = expression.includes('L') ? Date.UTC(2026, 10, 30, 19) : after;
  expect(new Date(createCronSchedule(expression, 'UTC').next(from)).toISOString()).toBe(expected);
});

it('has no next tick where there is none, and a minute stands for its interval', () => {
  // No fifth Monday is among the first seven days of a month.
  const schedule = createCronSchedule('0 0 0 1-7 * 1#5', 'Europe/Berlin');
  const now = Date.UTC(2026, 10, 24);
  expect([schedule.intervalMs, schedule.next(now), schedule.next(now + hour)]).toEqual([
    60_000,
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  ]);
});

it('rejects what is no cron expression, and a zone that is none', () => {
  expect(() => createCronSchedule('0 0 25 * * *', 'UTC')).toThrow();
  expect(() => createCronSchedule('0 0 2 * * *', 'Europe/Nowhere')).toThrow(RangeError);
});

it('returns the same ticks in whatever order moments are asked for', () => {
  const moments = fc.array(fc.integer({ min: 0, max: 3 * hour }), { minLength: 1, maxLength: 100 });
  const base = Date.UTC(2026, 9, 24, 23, 30);
  const expressions = fc.constantFrom('*/5 * * * * *', '0 */7 * * * *', '0 30 2 * * *', '20 1 1-3 * * *');
  fc.assert(
    fc.property(expressions, moments, (expression, offsets) => {
      const cached = createCronSchedule(expression, 'Europe/Berlin');
      for (const offset of offsets)
        expect(cached.next(base + offset)).toBe(
          createCronSchedule(expression, 'Europe/Berlin').next(base + offset),
        );
    }),
    { numRuns: 20 },
  );
});

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
    ['0 */10 0-5 * * *', 600_000],
  ])('%s keeps its pace', (expression, intervalMs) => {
    const ticks = ticksAround(expression, timezone, moment, 3);
    const gaps = ticks.slice(1).map((at, index) => at - (ticks[index] ?? 0));
    expect(new Set(gaps)).toEqual(new Set([intervalMs]));
    expect(ticks).toHaveLength((3 * hour) / intervalMs);
  });

  test.each(['0 0 * * * *', '0 30 1 * * *', '0 15 2 * * *', '0 0,45 2 * * *', '0 0 3 * * *'])(
    '%s ticks the same for moments in between',
    (expression) => {
      const { next } = createCronSchedule(expression, timezone);
      const ticks = ticksAround(expression, timezone, moment, 30);
      expect(ticks.length).toBeGreaterThan(0);
      for (let at = (ticks[0] ?? 0) - hour; at < (ticks.at(-1) ?? 0); at += 13 * 60_000)
        expect(createCronSchedule(expression, timezone).next(at)).toBe(next(at));
      for (const tick of ticks) expect(next(tick - 1)).toBe(tick);
    },
  );
});

const toWinter = '2026-10-25T01:00:00Z';
const toSummer = '2026-03-29T01:00:00Z';

test.each([
  {
    rule: 'a tick of every hour comes also in the hour that comes twice',
    expression: '0 5 * * * *',
    moment: toWinter,
    hours: 4,
    expected: ['10-24T23:05', '10-25T00:05', '10-25T01:05', '10-25T02:05'],
  },
  {
    rule: 'a tick of every hour comes once in each hour when one is left out',
    expression: '0 5 * * * *',
    moment: toSummer,
    hours: 4,
    expected: ['03-28T23:05', '03-29T00:05', '03-29T01:05', '03-29T02:05'],
  },
  {
    rule: 'a tick at half past in a zone of half hours',
    expression: '0 30 * * * *',
    timezone: 'Asia/Kolkata',
    moment: toWinter,
    hours: 3,
    expected: ['10-25T00:00', '10-25T01:00', '10-25T02:00'],
  },
  {
    rule: 'a daily tick in the hour that comes twice comes once, in the second',
    expression: '0 30 2 * * *',
    moment: toWinter,
    hours: 60,
    expected: ['10-24T00:30', '10-25T01:30', '10-26T01:30'],
  },
  {
    rule: 'two daily ticks in the hour that comes twice come once each, in the second',
    expression: '0 0,45 2 * * *',
    moment: toWinter,
    hours: 24,
    expected: ['10-25T01:00', '10-25T01:45'],
  },
  {
    rule: 'ticks of hours in a row come in both hours of the same name',
    expression: '0 30 2,3 * * *',
    moment: toWinter,
    hours: 24,
    expected: ['10-25T00:30', '10-25T01:30', '10-25T02:30'],
  },
  {
    rule: 'a daily tick in the hour that is left out comes right after the change',
    expression: '0 30 2 * * *',
    moment: toSummer,
    hours: 60,
    expected: ['03-28T01:30', '03-29T01:00', '03-30T00:30'],
  },
  {
    rule: 'two daily ticks in the hour that is left out come as one',
    expression: '0 15,30 2 * * *',
    moment: toSummer,
    hours: 24,
    expected: ['03-29T01:00'],
  },
  {
    rule: 'a daily tick at the end of the hour that is left out comes once',
    expression: '0 0 3 * * *',
    moment: toSummer,
    hours: 24,
    expected: ['03-29T01:00'],
  },
  {
    rule: 'a daily tick at any other hour',
    expression: '0 30 4 * * *',
    moment: toSummer,
    hours: 24,
    expected: ['03-29T02:30'],
  },
  {
    rule: 'a daily tick at a midnight that is left out',
    expression: '0 0 0 * * *',
    timezone: 'America/Sao_Paulo',
    moment: '2018-11-04T03:00:00Z',
    hours: 60,
    expected: ['11-03T03:00', '11-04T03:00', '11-05T02:00'],
  },
  {
    rule: 'a daily tick in half an hour that is left out',
    expression: '0 15 2 * * *',
    timezone: 'Australia/Lord_Howe',
    moment: '2026-10-03T15:30:00Z',
    hours: 24,
    expected: ['10-03T15:30'],
  },
  {
    rule: 'a daily tick on a day that is left out',
    expression: '0 0 12 * * *',
    timezone: 'Pacific/Apia',
    moment: '2011-12-30T10:00:00Z',
    hours: 48,
    expected: ['12-29T22:00', '12-30T10:00', '12-30T22:00'],
  },
  {
    rule: 'a monthly tick in the hour that is left out, asked for in January',
    expression: '0 30 2 29 3 *',
    moment: toSummer,
    hours: 3_000,
    expected: ['03-29T01:00'],
  },
])('$rule', ({ expression, timezone = 'Europe/Berlin', moment, hours, expected }) => {
  expect(ticksAround(expression, timezone, moment, hours).map(shown)).toEqual(expected);
});
