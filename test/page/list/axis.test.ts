import { expect, test } from 'vitest';
import { axisOf, ticksOf } from '../../../src/page/list/axis.ts';
import { hour } from '../../watch/sample-migrations.ts';

const now = new Date(2026, 10, 23, 15, 43).getTime();
const nothing = { windows: [], estimates: [] };
const share = ({ from, now: at, to }: ReturnType<typeof axisOf>): number => (to - at) / (to - from);

test.each([
  ['6h', 6, 3],
  ['24h', 24, 4],
  ['5d', 120, 19],
] as const)(
  'the axis of %s goes back %d h and runs %d h past now where nothing lies ahead',
  (range, back, ahead) => {
    const axis = axisOf(range, now, nothing);
    expect((axis.now - axis.from) / hour).toBe(back);
    expect((axis.until - axis.now) / hour).toBeGreaterThanOrEqual(ahead - 1);
    expect(axis.to).toBe(axis.until);
  },
);

test('the axis reaches the latest end of a window, and the future takes at most 42 % of it', () => {
  const axis = axisOf('24h', now, { windows: [now + 2 * hour, now + 119 * hour], estimates: [] });
  expect(axis.until).toBeGreaterThan(now + 119 * hour);
  expect(share(axis)).toBeCloseTo(0.42, 2);
  const place = (hours: number): number => axis.toAxis(now + hours * hour) - axis.now;
  // The next hours have more room than those in four days.
  expect(place(6) - place(0)).toBeGreaterThan(3 * (place(119) - place(113)));
  expect(axis.toAxis(axis.until)).toBe(axis.to);
  expect(axis.toAxis(now - hour)).toBe(now - hour);
});

function hoursWithEstimate(hours: number): number {
  return (axisOf('24h', now, { windows: [], estimates: [now + hours * hour] }).until - now) / hour;
}

test('an estimate makes the axis longer, up to five days', () => {
  expect(hoursWithEstimate(9)).toBeGreaterThan(9);
  expect(hoursWithEstimate(900)).toBeLessThan(130);
});

test('lanes move on every 15 s, and so does the axis', () => {
  const [first = 0, same, next] = [0, 14_999, 15_000].map((ms) => axisOf('24h', now + ms, nothing).now);
  expect([same, next]).toEqual([first, first + 15_000]);
});

test.each([
  ['6h', []],
  ['24h', [now + 119 * hour]],
  ['24h', [now + 5 * hour]],
  ['5d', [now + 300 * hour]],
] as const)('labels of the axis of %s keep their distance from each other and from now', (range, windows) => {
  const axis = axisOf(range, now, { windows, estimates: [] });
  const nowAt = ((axis.now - axis.from) / (axis.to - axis.from)) * 100;
  const places = [...ticksOf(axis).map(({ x }) => x), nowAt].toSorted((one, other) => one - other);
  expect(places.length).toBeGreaterThan(2);
  const gaps = places.slice(1).map((place, index) => place - (places[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(12.9);
  expect(Math.max(...places)).toBeLessThanOrEqual(95);
});

test('a label at midnight is the day', () => {
  const texts = ticksOf(axisOf('24h', now, nothing)).map(({ text }) => text);
  expect(texts).toContain('Mon 23');
  expect(texts.some((text) => /^(06:00|6:00 am)$/.test(text))).toBe(true);
});
