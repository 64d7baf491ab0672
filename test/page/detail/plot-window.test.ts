import { expect, test } from 'vitest';
import {
  isNear,
  type Move,
  moveWindow,
  revealing,
  selected,
  type TimeWindow,
  wholeAxis,
} from '../../../src/page/detail/plot-window.ts';

const whole: TimeWindow = { from: 1_000, to: 2_000 };

test.each<[Move, from: number, to: number, anchor: number, after: readonly [number, number]]>([
  ['zoom-in', 1_000, 2_000, 1_500, [1_250, 1_750]],
  ['zoom-in', 1_000, 2_000, 2_000, [1_500, 2_000]],
  ['zoom-in', 1_000, 2_000, 1_200, [1_100, 1_600]],
  ['zoom-in', 1_400, 1_600, 9_000, [1_450, 1_550]],
  ['zoom-in', 1_496, 1_506, 1_501, [1_496, 1_506]],
  ['zoom-out', 1_400, 1_600, 1_500, [1_300, 1_700]],
  ['zoom-out', 1_800, 2_000, 2_000, [1_600, 2_000]],
  ['zoom-out', 1_100, 1_900, 1_500, [1_000, 2_000]],
  ['earlier', 1_400, 1_600, 0, [1_300, 1_500]],
  ['earlier', 1_050, 1_250, 0, [1_000, 1_200]],
  ['later', 1_400, 1_600, 0, [1_500, 1_700]],
  ['later', 1_850, 1_950, 0, [1_900, 2_000]],
  ['later', 1_000, 2_000, 0, [1_000, 2_000]],
])('%s from %d to %d around %d stays within the whole', (move, from, to, anchor, after) => {
  const next = moveWindow(move, { from, to }, whole, anchor);
  expect([next.from, next.to]).toEqual(after);
});

test('a whole shorter than the shortest part is shown whole', () => {
  const short = { from: 1_000, to: 1_004 };
  expect(moveWindow('zoom-in', short, short, 1_002)).toEqual(short);
});

test('the axis is the asked range up to now, or on to what lies ahead', () => {
  const now = 1_000_000;
  expect(wholeAxis('1h', now, undefined)).toEqual({ from: now - 3_600, to: now });
  expect(wholeAxis('1h', now, now - 5)).toEqual({ from: now - 3_600, to: now });
  expect(wholeAxis('1h', now, now + 1_400)).toEqual({ from: now - 3_600, to: now + 1_600 });
});

test('what lies ahead is shown unasked where it is near', () => {
  expect(isNear('24h', 0, 11 * 3_600)).toBe(true);
  expect(isNear('24h', 0, 13 * 3_600)).toBe(false);
  expect(isNear('24h', 100, 50)).toBe(false);
});

test('a selection is cut to the whole, and is never too short to show', () => {
  expect(selected({ from: 900, to: 1_100 }, whole)).toEqual({ from: 1_000, to: 1_100 });
  expect(selected({ from: 1_500, to: 1_501 }, whole)).toEqual({ from: 1_495.5, to: 1_505.5 });
  expect(selected({ from: 2_100, to: 2_200 }, whole)).toBeUndefined();
});

test('a part moves only as far as a moment needs to be in it', () => {
  const part = { from: 1_400, to: 1_500 };
  expect(revealing(1_450, part, whole)).toBe(part);
  expect(revealing(1_300, part, whole)).toEqual({ from: 1_290, to: 1_390 });
  expect(revealing(1_990, part, whole)).toEqual({ from: 1_900, to: 2_000 });
});
