import { assert, date, integer, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRetryAfter } from '../../src/atlas/retry.ts';

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0);

describe('a Retry-After header', () => {
  test.each<[string | undefined, number | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ['0', 0],
    ['7', 7000],
    [' 30 ', 30_000],
    ['86400', 86_400_000],
    ['Mon, 23 Nov 2026 12:00:10 GMT', 10_000],
    ['Monday, 23-Nov-26 12:01:00 GMT', 60_000],
    ['Mon, 23 Nov 2026 11:59:00 GMT', 0],
    ['soon', undefined],
    ['1.5', undefined],
    ['-5', undefined],
    ['1e3', undefined],
    ['10 s', undefined],
    ['7, 9', undefined],
    ['2026-11-23', undefined],
    ['2026-11-23T12:00:10Z', undefined],
    ['Xxx, 99 Yyy 2026 99:99:99 GMT', undefined],
  ])('of %j asks for %j ms', (value, delayMs) => {
    expect(parseRetryAfter(value, NOW)).toBe(delayMs);
  });

  test('of more digits than a number holds still is a finite time', () => {
    expect(parseRetryAfter('9'.repeat(400), NOW)).toBe(Number.MAX_SAFE_INTEGER);
  });

  test('gives back any number of seconds', () => {
    assert(
      property(integer({ min: 0, max: 1_000_000_000 }), (seconds) => {
        expect(parseRetryAfter(String(seconds), NOW)).toBe(seconds * 1000);
      }),
    );
  });

  test('gives back any moment as an HTTP date, to the second', () => {
    const years = { min: new Date('1970-01-01'), max: new Date('2199-12-31'), noInvalidDate: true };
    assert(
      property(date(years), (moment) => {
        const expected = Math.max(0, Math.floor(moment.getTime() / 1000) * 1000 - NOW);
        expect(parseRetryAfter(moment.toUTCString(), NOW)).toBe(expected);
      }),
    );
  });

  test('of any text is a time that is not negative, or none', () => {
    assert(
      property(string(), (value) => {
        const delayMs = parseRetryAfter(value, NOW) ?? 0;
        expect(Number.isFinite(delayMs) && delayMs >= 0).toBe(true);
      }),
    );
  });
});
