import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { startOffsetMs } from '../../src/watch/round-spread.ts';

it.each([
  [0, 1, 30_000, 0],
  [1, 2, 30_000, 100],
  [99, 100, 30_000, 9_900],
  [4, 1_000, 30_000, 0],
  [5, 1_000, 30_000, 100],
  [999, 1_000, 30_000, 23_900],
  [12, 100, 1_000, 0],
  [13, 100, 1_000, 100],
  [0, 0, 30_000, 0],
])('poll %d of %d in %d ms begins after %d ms', (index, count, intervalMs, expected) => {
  expect(startOffsetMs(index, count, intervalMs)).toBe(expected);
});

it('polls begin in their order and leave the last fifth of the interval free', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2_000 }),
      fc.integer({ min: 1_000, max: 3_600_000 }),
      (count, intervalMs) => {
        const offsets = Array.from({ length: count }, (_, index) => startOffsetMs(index, count, intervalMs));
        expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
        expect(offsets.filter((offset) => offset % 100 !== 0)).toEqual([]);
        const atOnce = Math.max(
          ...Map.groupBy(offsets, (offset) => offset)
            .values()
            .map(({ length }) => length),
        );
        expect(atOnce).toBeLessThanOrEqual(Math.ceil((100 * count) / (intervalMs * 0.8)));
        expect(offsets.at(-1)).toBeLessThanOrEqual(intervalMs * 0.8);
      },
    ),
    { numRuns: 50 },
  );
});
