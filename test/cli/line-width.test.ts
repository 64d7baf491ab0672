import { describe, expect, test } from 'vitest';
import { cutToWidth, lineWidth, wrapToWidth } from '../../src/cli/line-width.ts';

describe('the width of a line', () => {
  test.each<[string, string, number]>([
    ['plain', 'orders', 6],
    ['accents, composed and not', 'é e\u0301', 3],
    ['Han', '注文', 4],
    ['Katakana with its long-vowel mark', 'サーバー', 8],
    ['Hiragana iteration and ideographic space', 'すゝ\u3000', 6],
    ['Hangul, composed and not', '한 한', 5],
    ['Hangul of the old letters', '\ua960', 2],
    ['full-width forms and signs', 'Ａ￥「', 6],
    ['half-width Katakana', 'ｻｰﾊﾞｰ', 5],
    ['Yi, Tangut and Kana of the supplement', 'ꀀ\u{17000}\u{1b000}', 6],
    ['rare Han', '\u{20000}\u{30000}', 4],
    ['emoji', '🚚', 2],
    ['a sign shown as emoji', '❤️', 2],
    ['a sign shown as text', '❤', 1],
    ['a family and a flag', '👨‍👩‍👧🇯🇵', 4],
    ['signs of our own', '★✔•…', 4],
    ['Arabic and Cyrillic', 'طلبات заказы', 12],
  ])('of %s', (_, text, columns) => {
    expect(lineWidth(text)).toBe(columns);
  });
});

test.each<[string, number, string]>([
  ['サーバー', 8, 'サーバー'],
  ['サーバー', 7, 'サーバ…'],
  ['サーバー', 6, 'サー…'],
  ['orders: NEW', 8, 'orders:…'],
  ['orders', 1, '…'],
  ['orders', 0, ''],
])('%s in %i columns', (text, columns, cut) => {
  expect(cutToWidth(text, columns)).toBe(cut);
  expect(lineWidth(cut)).toBeLessThanOrEqual(columns);
});

test.each<[string, number, readonly string[]]>([
  ['cut over before noon', 9, ['cut over', 'before', 'noon']],
  ['cut over before noon', 20, ['cut over before noon']],
  ['注文 注文 x', 6, ['注文', '注文 x']],
  ['see vm001.example.com now', 8, ['see', 'vm001.example.com', 'now']],
  ['', 8, ['']],
  ['the page is at http://127.0.0.1:9464 now', 32, ['the page is', 'at http://127.0.0.1:9464 now']],
])('%s in lines of %i columns', (text, columns, lines) => {
  expect(wrapToWidth(text, columns)).toEqual(lines);
});
