import * as fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { briefEstimate, estimateWords } from '../../src/events/estimate-words.ts';

const [minute, hour, day] = [60, 3_600, 86_400];

test.each([
  { rule: 'plainly where its range is narrow', range: [2 * hour, 3 * hour, 4.5 * hour], words: 'about 3 h' },
  { rule: 'as a range where it is wide', range: [3.2 * hour, 5 * hour, 11 * hour], words: '3 to 11 h' },
  { rule: 'in two units', range: [43 * minute, 2 * hour, 6 * hour], words: '40 min to 6 h' },
  {
    rule: 'in minutes up to a hundred',
    range: [31 * minute, 40 * minute, 99 * minute],
    words: '30 to 100 min',
  },
  {
    rule: 'in every minute below twenty',
    range: [3 * minute, 7 * minute, 19 * minute],
    words: '3 to 19 min',
  },
  { rule: 'in days', range: [50 * hour, 4 * day, 8.2 * day], words: '2 to 9 d' },
  { rule: 'by its end where it may be now', range: [20, 4 * minute, 9 * minute], words: 'at most 9 min' },
  { rule: 'as a minute where it is near', range: [30, 63, 123], words: 'about 1 min' },
  { rule: 'by its end where it is seconds', range: [10, 20, 38], words: 'at most 1 min' },
  { rule: 'less what has passed', range: [3.2 * hour, 5 * hour, 11 * hour], age: hour, words: '2 to 10 h' },
  { rule: 'when its middle has passed', range: [600, 900, 1_500], age: 920, words: 'at most 10 min' },
  { rule: 'no more when all of it has passed', range: [600, 900, 1_500], age: 1_500, words: undefined },
  { rule: 'no more when one without an end has passed', range: [600, 900], age: 900, words: undefined },
  { rule: 'of an earlier version, without an end', range: [2 * hour, 4 * hour], words: '2 h or more' },
])('an estimate is given $rule: $words', ({ range, age = 0, words }) => {
  const [earliest = 0, seconds = 0, latest] = range;
  const estimate = latest === undefined ? { seconds, earliest } : { seconds, earliest, latest };
  expect(estimateWords(estimate, age)).toBe(words);
});

test.each([
  { rule: 'its middle, and the ends beside it', range: [900, 1_080, 1_380], words: '~18 min (15–25)' },
  { rule: 'units where they differ', range: [40 * minute, 2 * hour, 6 * hour], words: '~2 h (40 min–6 h)' },
  { rule: 'only its end where it may be now', range: [5, 20, 190], words: 'at most 4 min' },
  { rule: 'nothing when all of it has passed', range: [60, 90, 120], age: 120, words: undefined },
])('an estimate in short has $rule: $words', ({ range, age = 0, words }) => {
  const [earliest = 0, seconds = 0, latest = 0] = range;
  expect(briefEstimate({ seconds, earliest, latest }, age)).toBe(words);
});

it('never names a range that is narrower than it is', () => {
  const span = fc.integer({ min: 1, max: 20 * day });
  fc.assert(
    fc.property(span, span, span, (one, other, third) => {
      const [earliest = 0, seconds = 0, latest = 0] = [one, other, third].toSorted((a, b) => a - b);
      const match = /^(?:at most )?(\d+)(?: (min|h|d))?(?: to (\d+))?(?: (min|h|d))?$/.exec(
        estimateWords({ seconds, earliest, latest }, 0) ?? '',
      );
      if (match === null) return;
      const sizes: Readonly<Record<string, number>> = { min: minute, h: hour, d: day };
      const [, from, fromUnit, to, toUnit = fromUnit] = match;
      expect(Number(to ?? from) * (sizes[toUnit ?? ''] ?? 0)).toBeGreaterThanOrEqual(latest);
      if (to !== undefined)
        expect(Number(from) * (sizes[fromUnit ?? toUnit ?? ''] ?? 0)).toBeLessThanOrEqual(earliest);
    }),
  );
});
