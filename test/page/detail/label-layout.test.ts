import { array, assert, integer, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { placeLabels } from '../../../src/page/detail/label-layout.ts';

const edges = [100, 500] as const;

test('a label is right of its line, and in the next row where it would overlap another', () => {
  const labels = [
    { line: 110, width: 60 },
    { line: 130, width: 40 },
    { line: 140, width: 40 },
    { line: 180, width: 40 },
  ];
  expect(placeLabels(labels, edges, 2, 5)).toEqual([
    { left: 115, row: 0 },
    { left: 135, row: 1 },
    undefined,
    { left: 185, row: 0 },
  ]);
});

test('at the right edge a label is left of its line', () => {
  expect(placeLabels([{ line: 490, width: 40 }], edges, 2, 5)).toEqual([{ left: 445, row: 0 }]);
});

test('labels do not overlap, and none leaves the plot', () => {
  const label = record({
    line: integer({ min: 100, max: 500 }),
    width: integer({ min: 1, max: 90 }),
  });
  assert(
    property(array(label), (unsorted) => {
      const labels = unsorted.toSorted((one, other) => one.line - other.line);
      const placed = placeLabels(labels, edges, 3, 5).flatMap((place, index) =>
        place === undefined ? [] : [{ ...place, right: place.left + (labels[index]?.width ?? 0) }],
      );
      for (const [index, one] of placed.entries()) {
        expect(one.left).toBeGreaterThanOrEqual(edges[0]);
        expect(one.right).toBeLessThanOrEqual(edges[1]);
        for (const other of placed.slice(index + 1))
          if (other.row === one.row) expect(other.left).toBeGreaterThan(one.right);
      }
    }),
  );
});
