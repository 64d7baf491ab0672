import { expect, test } from 'vitest';
import { throttledWarning } from '../../src/server/throttled-warning.ts';

test('one warning a minute is passed on, with the number of those left out', () => {
  const said: string[] = [];
  let now = 0;
  const complain = throttledWarning(
    (sentence) => said.push(sentence),
    () => now,
  );
  for (const seconds of [0, 1, 59, 60, 61, 200]) {
    now = seconds * 1000;
    complain(`At ${seconds}.`);
  }
  expect(said).toEqual([
    'At 0.',
    'At 60. (2 more of the HTTP server since the last one.)',
    'At 200. (1 more of the HTTP server since the last one.)',
  ]);
});
