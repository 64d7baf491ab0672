import { expect, it } from 'vitest';
import { logLimitPages } from '../../src/state/log-limit.ts';

it.each([
  ['full', 0, 8],
  ['tiny', 256 * 1024, 8],
  ['small', 8 * 1024 * 1024, 256],
  ['usual', 20 * 1024 ** 3, 1_000],
  ['of a size it does not tell', Number.POSITIVE_INFINITY, 1_000],
])('the log on a disk that is %s holds at most so many pages', (_size, freeBytes, pages) => {
  expect(logLimitPages(freeBytes)).toBe(pages);
});
