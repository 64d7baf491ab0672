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

  it('takes no time for a text that nobody means as a name, among as many names as one process can watch', () => {
    const names = Array.from({ length: 10_000 }, (_, index) => `${'n'.repeat(90)}${index}`);
    const begun = performance.now();
    expect(closest('n'.repeat(2_000), names)).toBeUndefined();
    expect(performance.now() - begun).toBeLessThan(500);
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
