import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closest } from '../../src/config/suggest.ts';

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

  it.each(['', 'x', 'na', 'schedule', 'organization'])('has nothing for %j', (word) => {
    expect(closest(word, KEYS)).toBeUndefined();
  });

  it.each([1, 10, 40, 95, 100, 2_000])(
    'takes less than a millisecond for a word of %i letters, among as many names as one process can watch',
    (length) => {
      const names = Array.from({ length: 10_000 }, (_, index) => `${'n'.repeat(90)}${index}`);
      const word = 'n'.repeat(length);
      const begun = process.threadCpuUsage();
      for (let times = 0; times < 10; times += 1) closest(word, names);
      expect(process.threadCpuUsage(begun).user).toBeLessThan(10_000);
    },
  );

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
