import { expect, test } from 'vitest';
import { trendWords } from '../../../src/watch/migration/wording.ts';

test.each([
  [-45.04, 'falling 45 s/min'],
  [-9.94, 'falling 9.9 s/min'],
  [-9.96, 'falling 10 s/min'],
  [0.04, 'steady'],
  [120, 'rising 120 s/min'],
])('a lag that changes by %d seconds a minute is %s', (perMinute, text) => {
  expect(trendWords(perMinute)).toBe(text);
});
