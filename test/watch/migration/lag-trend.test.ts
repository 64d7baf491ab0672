import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { estimateReady, lagTrend, recentSamples } from '../../../src/watch/migration/lag-trend.ts';
import { minute, start } from '../sample-migrations.ts';

/** Samples half a minute apart. */
function series(lags: readonly number[]) {
  return lags.map((lagTimeSeconds, index) => ({ lagTimeSeconds, observedAt: start + (index * minute) / 2 }));
}

const falling = Array.from({ length: 20 }, (_, index) => 3_000 - index * 30);

describe('the trend of the lag', () => {
  test.each([
    ['steady', series(falling), -60],
    ['with one wild sample', series(falling.with(10, 90_000)), -60],
    ['with a wild last sample', series([...falling.slice(0, -1), 0]), -60],
    ['growing', series([10, 20, 30, 40, 50]), 20],
    ['not moving', series([40, 40, 40, 40]), 0],
  ])('is the robust slope: %s', (_, samples, perMinute) => {
    expect(lagTrend(samples)?.perMinute).toBeCloseTo(perMinute, 0);
  });

  test('needs four samples at different times', () => {
    expect(lagTrend(series([3, 2, 1]))).toBeUndefined();
    expect(lagTrend([])).toBeUndefined();
    expect(
      lagTrend([5, 4, 3, 2].map((lagTimeSeconds) => ({ lagTimeSeconds, observedAt: start }))),
    ).toBeUndefined();
  });

  test('stays within half a second a minute through a few seconds of noise around nothing', () => {
    const noisy = series(Array.from({ length: 30 }, (_, index) => 4 + ((index * 7) % 5)));
    expect(Math.abs(lagTrend(noisy)?.perMinute ?? Number.NaN)).toBeLessThan(0.5);
  });

  it('is not turned by one sample in five, however wild', () => {
    const wild = fc.array(fc.nat(100_000), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(wild, (values) => {
        const samples = series(
          falling.map((lag, index) => (index % 5 === 2 ? (values[(index - 2) / 5] ?? lag) : lag)),
        );
        expect(lagTrend(samples)?.perMinute).toBeLessThan(0);
      }),
    );
  });
});

test('of a lag that came down to 20 s and stays there, an estimate is given for a few minutes only', () => {
  const coming = Array.from({ length: 30 }, (_, index) => 620 - index * 20);
  const staying = Array.from({ length: 60 }, (_, index) => 19 + (index % 3));
  const samples = series([...coming, ...staying]);
  const estimated = samples.map((_, index) => {
    const trend = lagTrend(recentSamples(samples.slice(0, index + 1)));
    return trend !== undefined && estimateReady(trend, 30) !== undefined;
  });
  expect(estimated[30]).toBe(true);
  expect(estimated.lastIndexOf(true)).toBeLessThan(30 + 30);
});

describe('the level of the lag', () => {
  test.each([
    ['of a steady trend is the latest sample', falling, 2_430],
    ['is not turned by a wild latest sample', [...falling.slice(0, -1), 0], 2_430],
    ['is not turned by a wild one among the latest', falling.with(17, 90_000), 2_430],
    ['is not below nothing', [70, 40, 10, 0, 0], 0],
  ])('%s', (_, lags, level) => {
    expect(lagTrend(series(lags))?.level).toBeCloseTo(level, 0);
  });

  test('is what an estimate begins from: a wild latest sample does not halve it', () => {
    const [usual, wild] = [falling, [...falling.slice(0, -1), 40]].map((lags) => {
      const trend = lagTrend(series(lags));
      return trend && estimateReady(trend, 30)?.seconds;
    });
    expect(usual).toBeCloseTo(2_460, -1);
    expect(wild).toBeCloseTo(2_460, -1);
  });
});

test.each([
  [5, 8],
  [10, 8],
  [30, 8],
  [60, 6],
  [360, 1],
])(
  'with a poll every %i minutes the latest %i samples are kept, as far as they are of the last hours',
  (every, kept) => {
    const samples = Array.from({ length: 20 }, (_, index) => ({
      lagTimeSeconds: 9_000 - index,
      observedAt: start + index * every * minute,
    }));
    expect(recentSamples(samples)).toEqual(samples.slice(-kept));
    expect(lagTrend(recentSamples(samples)) !== undefined).toBe(kept >= 4);
  },
);

test('samples of more than a quarter of an hour ago are let go where there are enough, and those of a future that was set back', () => {
  const minutes = [-16, -14, -7, -6, -5, -4, -3, -2, -1, 5, 0];
  const samples = minutes.map((at) => ({ observedAt: start + at * minute, lagTimeSeconds: 1 }));
  expect(recentSamples(samples)).toEqual(samples.filter((_, index) => index !== 0 && index !== 9));
  expect(recentSamples([])).toEqual([]);
});

test.each([
  [
    'at a steady pace',
    630,
    { perMinute: -60, fastest: -60, slowest: -60 },
    { seconds: 660, earliest: 543, latest: 783 },
  ],
  [
    'at an uneven one',
    630,
    { perMinute: -60, fastest: -120, slowest: -30 },
    { seconds: 660, earliest: 271, latest: 1_447 },
  ],
  [
    'at a steady pace, with twice as much doubt, far off',
    8_130,
    { perMinute: -60, fastest: -60, slowest: -60 },
    { seconds: 8_160, earliest: 4_050, latest: 16_320 },
  ],
  [
    'that may not get there',
    630,
    { perMinute: -60, fastest: -120, slowest: 5 },
    { seconds: 660, earliest: 271 },
  ],
  [
    'when it has just become small',
    20,
    { perMinute: -20, fastest: -40, slowest: -1 },
    { seconds: 60, earliest: 0, latest: 120 },
  ],
  ['while it is small and wavers', 20, { perMinute: -0.2, fastest: -8, slowest: 7 }, undefined],
  ['while it is small and rises', 29, { perMinute: 1.6, fastest: 1, slowest: 2 }, undefined],
  ['while it is larger and wavers', 45, { perMinute: -0.4, fastest: -8, slowest: 7 }, undefined],
  [
    'of a slow one, two days and a half off',
    3_630,
    { perMinute: -1, fastest: -1, slowest: -1 },
    { seconds: 216_060, earliest: 24_000, latest: 1_944_120 },
  ],
  [
    'of a slow one that may take a month and more',
    3_630,
    { perMinute: -1, fastest: -1, slowest: -0.7 },
    { seconds: 216_060, earliest: 24_000 },
  ],
  ['when it would take weeks', 90_000, { perMinute: -2, fastest: -3, slowest: -1 }, undefined],
  ['while it does not fall', 630, { perMinute: 3, fastest: -1, slowest: 5 }, undefined],
])('readiness is estimated %s', (_, level, trend, expected) => {
  expect(estimateReady({ ...trend, level }, 30)).toEqual(expected);
});
