import { expect, test } from 'vitest';
import { wishOf } from '../../src/cli/word/requests.ts';

test.each([
  { command: 'ack', options: { until: '100000000d' }, option: '--until' },
  { command: 'extend', options: { by: '100000000d' }, option: '--by' },
] as const)(
  'a length of time that leads to no date is refused: $command $option',
  ({ command, options, option }) => {
    expect(wishOf(command, options, Date.now())).toBe(
      `${option} "100000000d" is longer than a year; give a shorter time.`,
    );
  },
);

test.each([
  {
    command: 'extend',
    options: { until: '2026-12-03T10:00' },
    problem: /local time without its zone; add Z/,
  },
  { command: 'extend', options: { until: '2026-02-30T10:00Z' }, problem: /no day or time that there is/ },
  {
    command: 'plan',
    options: { at: '2026-12-03T10:00Z', clear: true },
    problem: /either --at .* or --clear alone/,
  },
  { command: 'ack', options: { comment: 'one\ntwo' }, problem: /--comment is empty, longer than/ },
] as const)('$command $options is refused with what to write instead', ({ command, options, problem }) => {
  expect(wishOf(command, options, Date.now())).toMatch(problem);
});
