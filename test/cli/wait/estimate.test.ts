import { expect, test } from 'vitest';
import { describeEstimate } from '../../../src/cli/wait/estimate.ts';
import { start } from '../../watch/sample-migrations.ts';
import { polled, working } from './polled.ts';

const narrow = { seconds: 7_200, earliest: 5_400, latest: 10_800 };
const wide = { seconds: 7_200, earliest: 3_700, latest: 18_000 };

test.each([
  ['with a narrow range is plain', narrow, 0, 'about 2 h'],
  ['with a wide range is that range', wide, 0, '60 min to 5 h'],
  ['is less what has passed since the latest read', wide, 3_600, '1 min to 4 h'],
  ['that does not exist has no words', undefined, 0, undefined],
])('an estimate %s', (_, estimate, ageSeconds, text) => {
  const { state } = polled(0, working(900));
  expect(describeEstimate({ state, estimate }, start + ageSeconds * 1_000)).toBe(text);
});
