import { expect, it } from 'vitest';
import { formatDay, formatMoment, formatSpan } from '../../src/events/format.ts';

it.each([
  [0, '0 s'],
  [0.4, '0 s'],
  [59, '59 s'],
  [59.6, '1 min'],
  [60, '1 min'],
  [725, '12 min 5 s'],
  [3_600, '1 h'],
  [3_605, '1 h'],
  [86_399, '23 h 59 min'],
  [86_460, '1 d'],
  [428_400, '4 d 23 h'],
  [432_000, '5 d'],
  [-90, '-1 min 30 s'],
  [-0.4, '0 s'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatSpan(seconds)).toBe(text);
});

it('a moment is shown to the minute, in UTC', () => {
  expect(formatMoment('2026-11-28T23:00:59.999Z')).toBe('2026-11-28 23:00 UTC');
});

it.each([
  { rule: 'to the minute', away: undefined, text: 'Sat 28 Nov 23:00 UTC' },
  { rule: 'to the minute where it is an hour away', away: 3_600, text: 'Sat 28 Nov 23:00 UTC' },
  { rule: 'with its seconds below an hour', away: 3_599, text: 'Sat 28 Nov 23:00:59 UTC' },
  { rule: 'with its seconds where it has just passed', away: -20, text: 'Sat 28 Nov 23:00:59 UTC' },
])('a moment in a sentence has its weekday, $rule', ({ away, text }) => {
  expect(formatDay('2026-11-28T23:00:59.999Z', away)).toBe(text);
});

it('a day of one digit has no zero before it', () => {
  expect(formatDay('2026-12-03T14:43:00.000Z')).toBe('Thu 3 Dec 14:43 UTC');
});
