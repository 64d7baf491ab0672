import { expect, test } from 'vitest';
import { type Move, moveWindow, type TimeWindow } from '../../../src/page/detail/plot-window.ts';

const whole: TimeWindow = { from: 1_000, to: 2_000 };

test.each<[Move, from: number, to: number, after: readonly [number, number]]>([
  ['zoom-in', 1_000, 2_000, [1_250, 1_750]],
  ['zoom-in', 1_496, 1_506, [1_496, 1_506]],
  ['zoom-in', 1_490, 1_506, [1_493, 1_503]],
  ['zoom-out', 1_400, 1_600, [1_300, 1_700]],
  ['zoom-out', 1_000, 1_200, [1_000, 1_400]],
  ['zoom-out', 1_100, 1_900, [1_000, 2_000]],
  ['earlier', 1_400, 1_600, [1_300, 1_500]],
  ['earlier', 1_050, 1_250, [1_000, 1_200]],
  ['later', 1_400, 1_600, [1_500, 1_700]],
  ['later', 1_850, 1_950, [1_900, 2_000]],
  ['later', 1_000, 2_000, [1_000, 2_000]],
  ['all', 1_400, 1_600, [1_000, 2_000]],
])('%s from %d to %d stays within the whole', (move, from, to, after) => {
  const next = moveWindow(move, { from, to }, whole);
  expect([next.from, next.to]).toEqual(after);
});

test('a whole shorter than the shortest part is shown whole', () => {
  const short = { from: 1_000, to: 1_004 };
  expect(moveWindow('zoom-in', short, short)).toEqual(short);
});
