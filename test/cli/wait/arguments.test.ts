import { expect, test } from 'vitest';
import { chooseTargets, nameProblems, parseTimeout } from '../../../src/cli/wait/arguments.ts';
import { targetOf } from '../../watch/orders.ts';

test('names choose migrations, and unknown ones are told with advice', () => {
  const targets = [targetOf(0), targetOf(1)];
  expect(chooseTargets(targets, [])).toEqual(targets);
  expect(chooseTargets(targets, ['m1', 'm1'])).toEqual([targets[1]]);
  expect(nameProblems(targets, ['m1'])).toEqual([]);
  expect(nameProblems(targets, ['m11', 'm11'])).toEqual([expect.stringContaining('Did you mean m1?')]);
});

test.each([
  [undefined, undefined],
  ['6h', 21_600_000],
  ['0', expect.stringContaining('--timeout "0"')],
  ['soon', expect.stringContaining('such as 90s')],
])('a timeout of %s', (text, expected) => {
  expect(parseTimeout(text)).toEqual(expected);
});
