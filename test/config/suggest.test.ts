import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closest, editDistance } from '../../src/config/suggest.ts';

const KEYS = ['groupId', 'liveMigrationId', 'name', 'labels'];

describe('closest', () => {
  it.each([
    ['grupId', 'groupId'],
    ['gruopId', 'groupId'],
    ['group_id', 'groupId'],
    ['LIVE-MIGRATION-ID', 'liveMigrationId'],
    ['liveMigrationID', 'liveMigrationId'],
    ['nmae', 'name'],
    ['label', 'labels'],
  ])('takes %s for %s', (word, meant) => {
    expect(closest(word, KEYS)).toBe(meant);
  });

  it.each(['', 'x', 'na', 'schedule', 'organisation'])('has nothing for %j', (word) => {
    expect(closest(word, KEYS)).toBeUndefined();
  });

  it('finds a word of some length after any single slip', () => {
    const slip = fc.record({
      key: fc.constantFrom('groupId', 'liveMigrationId', 'labels'),
      at: fc.nat(),
      by: fc.constantFrom('', 'z', 'zz'),
    });
    fc.assert(
      fc.property(slip, ({ key, at, by }) => {
        const index = at % key.length;
        expect(closest(key.slice(0, index) + by + key.slice(index + 1), KEYS)).toBe(key);
      }),
    );
  });
});

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['ab', 'ba', 1],
    ['ca', 'abc', 3],
  ])('from %j to %j is %d', (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance);
  });

  it('is symmetric, zero for the same word only, and at most the longer length', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
    fc.assert(
      fc.property(word, word, (one, other) => {
        const distance = editDistance(one, other);
        expect(distance).toBe(editDistance(other, one));
        expect(distance === 0).toBe(one === other);
        expect(distance).toBeLessThanOrEqual(Math.max(one.length, other.length));
      }),
    );
  });
});
