import { assert, integer, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanText } from '../../src/atlas/clean-text.ts';

describe('remote text', () => {
  test.each([
    ['', ''],
    ['plain', 'plain'],
    ['  two\r\n\tlines  ', 'two lines'],
    ['\u001B[31mred\u001B[0m', '[31mred [0m'],
    ['a\u0000b\u007Fc\u0085d', 'a b c d'],
    ['left\u202Eright\u200B!', 'left right !'],
    ['one\u2028two\uFEFF', 'one two'],
    ['größer 数 🚀', 'größer 数 🚀'],
    ['lone \uD83D surrogate', 'lone \uFFFD surrogate'],
    ['x'.repeat(20), 'x'.repeat(20)],
    ['x'.repeat(21), `${'x'.repeat(13)}… [cut]`],
    [`${'x'.repeat(12)}🚀${'x'.repeat(12)}`, `${'x'.repeat(12)}\uFFFD… [cut]`],
  ])('%j is cleaned and cut to 20 characters as %j', (text, cleaned) => {
    expect(cleanText(text, 20)).toBe(cleaned);
  });

  test('of any kind becomes one well-formed line within its length', () => {
    assert(
      property(string({ unit: 'binary' }), integer({ min: 10, max: 40 }), (text, maxLength) => {
        const cleaned = cleanText(text, maxLength);
        expect(cleaned.length).toBeLessThanOrEqual(maxLength);
        expect(cleaned).not.toMatch(/[\p{Cc}\p{Cf}]|\s\s|^\s|\s$/u);
        expect(cleaned.isWellFormed()).toBe(true);
        expect(cleanText(cleaned, maxLength)).toBe(cleaned);
      }),
    );
  });
});
