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
