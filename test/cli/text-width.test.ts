import stringWidth from 'string-width';
import { expect, it, test } from 'vitest';
import { cutToWidth, formatTable, wrapToWidth } from '../../src/cli/text-width.ts';

test.each<[string, number, string]>([
  ['サーバー', 8, 'サーバー'],
  ['サーバー', 7, 'サーバ…'],
  ['サーバー', 6, 'サー…'],
  ['orders: NEW', 8, 'orders:…'],
  ['👨‍👩‍👧🇯🇵👨‍👩‍👧', 5, '👨‍👩‍👧🇯🇵…'],
  ['サーバー', 2, '…'],
  ['orders', 1, '…'],
  ['orders', 0, ''],
])('%s in %i columns', (text, columns, cut) => {
  expect(cutToWidth(text, columns)).toBe(cut);
  expect(stringWidth(cut)).toBeLessThanOrEqual(columns);
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

it.each([
  [
    'columns are aligned',
    [
      ['NAME', 'STATUS'],
      ['orders', 'NEW'],
      ['a', 'WORKING'],
    ],
    'NAME    STATUS\norders  NEW\na       WORKING\n',
  ],
  [
    'no line ends with spaces',
    [
      ['NAME', 'LAG'],
      ['orders', ''],
    ],
    'NAME    LAG\norders\n',
  ],
  ['a short row is filled up', [['A', 'B', 'C'], ['long']], 'A     B  C\nlong\n'],
  [
    'wide characters take two columns',
    [
      ['NAME', 'LAG'],
      ['サーバー', '5 s'],
    ],
    'NAME      LAG\nサーバー  5 s\n',
  ],
  ['only headings', [['A', 'B']], 'A  B\n'],
  ['nothing at all', [], '\n'],
])('%s', (_rule, rows, expected) => {
  expect(formatTable(rows)).toBe(expected);
});
