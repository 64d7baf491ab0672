import { expect, test } from 'vitest';
import { describeEstimate } from '../../../src/cli/wait/estimate.ts';
import { start } from '../../watch/sample-migrations.ts';
import { polled, working } from './polled.ts';

const uneven = { perMinute: -100, fastest: -200, slowest: -30 };
const unsure = { ...uneven, slowest: 5 };
const even = { perMinute: -120, fastest: -120, slowest: -120 };

test.each([
  ['at an even pace', 750, even, 0, 'about 7 min, 6 to 8'],
  ['with a range in the same unit', 7_230, uneven, 0, 'about 73 min, 22 to 389'],
  ['less what has passed since', 7_230, uneven, 600, 'about 63 min, 12 to 379'],
  ['where the slowest pace never gets there', 7_230, unsure, 0, 'about 73 min, 22 or more'],
  ['in the largest unit that has some resolution', 86_430, uneven, 0, 'about 14 h, 2 to 216'],
  ['when its time has come, but not the latest', 730, uneven, 600, 'a moment, or up to 17 min 5 s'],
  ['when its time has come, with no latest', 730, unsure, 600, 'a moment, or longer'],
  ['when all of the range has passed', 730, uneven, 3_600, 'a moment'],
  ['where the lag is as small as it must be', 20, uneven, 0, 'about 60 s, 0 to 120'],
  ['of a lag that rises', 730, { perMinute: 3, fastest: -1, slowest: 6 }, 0, undefined],
])('an estimate %s', (_, lagSeconds, trend, ageSeconds, text) => {
  const { state } = polled(0, working(lagSeconds));
  if (state === undefined) throw new Error('not polled');
  expect(describeEstimate(state, { ...trend, level: lagSeconds }, start + ageSeconds * 1_000)).toBe(text);
});
