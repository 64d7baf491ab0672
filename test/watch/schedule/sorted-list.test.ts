import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { countUntil, insertSorted, removeSorted } from '../../../src/watch/schedule/fair-queue.ts';

const ascending = (one: number, other: number): number => one - other;

it('keeps its order whatever is inserted and removed', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer()), fc.array(fc.nat(20)), (items, removals) => {
      const list: number[] = [];
      const expected = new Set(items);
      for (const item of items) insertSorted(list, item, ascending);
      for (const index of removals) {
        const item = items[index] ?? 0.5;
        expect(removeSorted(list, item, ascending)).toBe(expected.delete(item));
      }
      expect(list).toEqual([...expected].toSorted(ascending));
      for (const limit of items)
        expect(countUntil(list, (item) => item < limit)).toBe(list.filter((item) => item < limit).length);
    }),
  );
});
