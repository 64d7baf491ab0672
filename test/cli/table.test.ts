import { expect, it } from 'vitest';
import { formatTable } from '../../src/cli/table.ts';

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
