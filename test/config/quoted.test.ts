import { expect, it } from 'vitest';
import { quoted } from '../../src/config/quoted.ts';

it.each([
  ['plain text, Zürich 北京', '"plain text, Zürich 北京"'],
  ['a"b\\c\n', '"a\\"b\\\\c\\n"'],
  ['zero\u200bwidth', '"zero\\u200bwidth"'],
  ['no\u00a0break', '"no\\u00a0break"'],
  ['\ufeffmark', '"\\ufeffmark"'],
  ['\u202eright to left', '"\\u202eright to left"'],
  ['filler\u3164', '"filler\\u3164"'],
  ['tag\u{e0061}', '"tag\\udb40\\udc61"'],
  ['\ud800', '"\\ud800"'],
])('%j is shown so that everything in it can be seen', (text, shown) => {
  expect(quoted(text)).toBe(shown);
  expect(JSON.parse(quoted(text))).toBe(text);
});
