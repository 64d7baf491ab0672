import { expect, it } from 'vitest';
import { lagTicks, timeTicks } from '../../src/report/axis.ts';
import { hour, minute, start } from '../watch/sample-migrations.ts';

it.each<[number, readonly string[]]>([
  [40_000, ['23:00:00', '23:00:10', '23:00:20', '23:00:30', '23:00:40']],
  [30 * minute, ['23:00', '23:05', '23:10', '23:15', '23:20', '23:25', '23:30']],
  [3 * hour, ['23:00', '23:30', '24 Nov', '00:30', '01:00', '01:30', '02:00']],
  [57 * hour, ['24 Nov', '12:00', '25 Nov', '12:00', '26 Nov']],
  [20 * 24 * hour, ['28 Nov', '3 Dec', '8 Dec', '13 Dec']],
])('the time axis over %i ms has round moments', (length, labels) => {
  expect(timeTicks(start, start + length, 6).map(({ label }) => label)).toEqual(labels);
});

it.each<[number, readonly number[]]>([
  [0, [0, 1]],
  [4, [0, 1, 2, 3, 4]],
  [130, [0, 30, 60, 90, 120, 150]],
  [10_560, [0, 3_600, 7_200, 10_800]],
  [400 * 86_400, [0, 1, 2, 3, 4].map((count) => count * 100 * 86_400)],
  [4_000 * 86_400, [0, 1, 2, 3, 4, 5].map((count) => count * 800 * 86_400)],
])('the axis of a lag of %i s ends beyond it', (highest, ticks) => {
  expect(lagTicks(highest, 5)).toEqual(ticks);
});
