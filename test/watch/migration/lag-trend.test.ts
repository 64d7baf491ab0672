import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { collectSamples } from '../../../src/watch/migration/lag-samples.ts';
import { lagNoise, lagTrend, middleLag, trendSamples } from '../../../src/watch/migration/lag-trend.ts';
import { minute, start } from '../sample-migrations.ts';

/** Samples half a minute apart. */
function series(lags: readonly number[], everyMs = minute / 2) {
  return collectSamples(
    lags.map((lagTimeSeconds, index) => ({ lagTimeSeconds, observedAt: start + index * everyMs })),
  );
}

const falling = Array.from({ length: 20 }, (_, index) => 3_000 - index * 30);
const wavering = Array.from({ length: 30 }, (_, index) => 3_000 + ((index * 7) % 15));

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

  test('needs four samples', () => {
    expect(lagTrend(series([3, 2, 1]))).toBeUndefined();
    expect(lagTrend(series([]))).toBeUndefined();
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

  test.each([
    { rule: 'falls when it is steady', lags: falling, falls: true },
    {
      rule: 'does not fall within the noise',
      lags: wavering.map((lag, index) => lag - index * 0.1),
      falls: false,
    },
    {
      rule: 'falls slowly beyond the noise',
      lags: wavering.map((lag, index) => lag - index * 3),
      falls: true,
    },
    { rule: 'does not fall when the lag wavers', lags: wavering, falls: false },
    { rule: 'does not fall when the lag rises', lags: falling.toReversed(), falls: false },
  ])('$rule', ({ lags, falls }) => {
    expect(lagTrend(series(lags))?.falls).toBe(falls);
  });
});

test.each([
  ['of a steady fall', falling, 0],
  ['of a lag that wavers by 5 s', falling.map((lag, index) => lag + (index % 2) * 10), 12],
  ['with a wild sample', falling.with(9, 0), 0],
  ['of two samples', [9, 8], 0],
])('the noise %s is as measured', (_, lags, noise) => {
  expect(lagNoise(series(lags))).toBeCloseTo(noise, 0);
});

test.each([
  ['three', [50, 0, 40], 40],
  ['more', [9, 50, 0, 40], 40],
  ['two, the higher one', [50, 0], 50],
  ['one', [50], 50],
  ['none', [], undefined],
])('the middle lag of %s', (_, lags, middle) => {
  expect(middleLag(series(lags))).toBe(middle);
});

test.each([
  [0.5, 30],
  [5, 8],
  [10, 8],
  [60, 8],
])('with a poll every %d minutes the trend is that of %i samples', (everyMinutes, count) => {
  const lags = Array.from({ length: 60 }, (_, index) => 90_000 - index);
  expect(trendSamples(series(lags, everyMinutes * minute)).length).toBeCloseTo(count, -1);
});
