import { expect, it } from 'vitest';
import { formatMoment, formatSpan } from '../../src/events/format.ts';

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
