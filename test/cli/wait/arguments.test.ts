import { expect, test } from 'vitest';
import { chooseTargets, nameProblems, parseMaxLag, parseTimeout } from '../../../src/cli/wait/arguments.ts';
import { targetOf } from '../../watch/sample-migrations.ts';

test('names choose migrations, and unknown ones are reported with advice', () => {
  const targets = [targetOf(0), targetOf(1)];
  expect(chooseTargets(targets, [])).toEqual(targets);
  expect(chooseTargets(targets, ['m1', 'm1'])).toEqual([targets[1]]);
  expect(nameProblems(targets, ['m1'])).toEqual([]);
  const id = targets[1]?.liveMigrationId ?? '';
  expect(nameProblems(targets, ['m11', 'm11', id, 'sales'])).toEqual([
    'There is no migration "m11" in the configuration. Did you mean m1?',
    `There is no migration "${id}" in the configuration. Did you mean m1, which has this id?`,
    'There is no migration "sales" in the configuration. It has m0, m1.',
  ]);
  const many = Array.from({ length: 12 }, (_, n) => targetOf(n));
  expect(nameProblems(many, ['sales'])[0]).toMatch(/ It has m0, m1, .*, m9 and 2 more\.$/);
});

test.each([
  [undefined, undefined],
  ['6h', 21_600_000],
  ['0', expect.stringContaining('--timeout "0"')],
  ['soon', expect.stringContaining('such as 90s')],
])('a timeout of %s', (text, expected) => {
  expect(parseTimeout(text, 'wait')).toEqual(expected);
});

test.each([
  [undefined, 'complete', undefined],
  ['10s', 'ready', 10],
  ['2m', 'ready', 120],
  ['0', 'ready', expect.stringContaining('--max-lag "0"')],
  ['999ms', 'ready', expect.stringContaining('1s at least')],
  ['soon', 'ready', expect.stringContaining('such as 10s')],
  ['10s', 'settled', expect.stringContaining('cannot be used with --for settled')],
] as const)('a largest lag of %s for %s', (text, goal, expected) => {
  expect(parseMaxLag(text, goal)).toEqual(expected);
});
