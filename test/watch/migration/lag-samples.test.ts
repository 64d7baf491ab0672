import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { LagSample } from '../../../src/state/store.ts';
import {
  addSample,
  collectSamples,
  listSamples,
  noSamples,
  usefulMoments,
} from '../../../src/watch/migration/lag-samples.ts';
import { hour, minute, start } from '../sample-migrations.ts';

function series(lags: readonly number[], everyMs = minute / 2): LagSample[] {
  return lags.map((lagTimeSeconds, index) => ({ lagTimeSeconds, observedAt: start + index * everyMs }));
}

function lagsOf(lags: readonly number[], everyMs?: number): number[] {
  return listSamples(collectSamples(series(lags, everyMs))).map(({ lagTimeSeconds }) => lagTimeSeconds);
}

/** A lag of many hours that falls by a second a second. */
function falling(count: number, everySeconds = 30): number[] {
  return Array.from({ length: count }, (_, index) => 200_000 - index * everySeconds);
}

describe('the samples that are kept', () => {
  test.each([
    { rule: 'every 5 s', everySeconds: 5, recent: 180, most: 280 },
    { rule: 'every half a minute', everySeconds: 30, recent: 30, most: 140 },
    { rule: 'every 5 minutes', everySeconds: 300, recent: 8, most: 110 },
    { rule: 'every hour', everySeconds: 3_600, recent: 8, most: 12 },
  ])('are all recent ones and some of the last twelve hours, with a poll $rule', (row) => {
    const { everySeconds, recent, most } = row;
    const all = series(falling(Math.ceil((20 * 3_600) / everySeconds), everySeconds), everySeconds * 1000);
    const kept = listSamples(collectSamples(all));
    const last = all.at(-1)?.observedAt ?? 0;
    expect(kept.slice(-recent)).toEqual(all.slice(-recent));
    expect(kept.length).toBeLessThanOrEqual(most);
    expect(kept[0]?.observedAt).toBeGreaterThan(last - 12 * hour);
    expect(kept[0]?.observedAt).toBeLessThan(last - 10.5 * hour);
    for (const [index, { observedAt }] of kept.slice(1).entries()) {
      const before = kept[index]?.observedAt ?? 0;
      const gapMs = Math.max(everySeconds * 1000, (last - before) / 11);
      expect(observedAt - before).toBeLessThanOrEqual(gapMs);
    }
  });

  it('are in order of time, end with the latest and are few, in any history', () => {
    const step = fc.tuple(fc.integer({ min: -600, max: 3_600 }), fc.nat(300_000));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        let observedAt = start;
        let samples = noSamples;
        for (const [seconds, lagTimeSeconds] of steps) {
          observedAt += seconds * 1000;
          samples = addSample(samples, { observedAt, lagTimeSeconds });
          const times = listSamples(samples).map((sample) => sample.observedAt);
          expect(times.at(-1)).toBe(observedAt);
          expect(times).toEqual([...new Set(times)].toSorted((one, other) => one - other));
        }
        expect(listSamples(samples).length).toBeLessThan(310);
      }),
      { numRuns: 40 },
    );
  });

  test('are without those of a future that was set back', () => {
    const samples = [0, 1, 2, 60, 3].map((at) => ({ observedAt: start + at * minute, lagTimeSeconds: 9 }));
    expect(listSamples(collectSamples(samples))).toEqual(samples.filter((_, index) => index !== 3));
  });
});

describe('a leap of the lag', () => {
  const before = [100_000, 99_990, 99_980, 99_970];

  test.each([
    { rule: 'up by more than the time that passed', after: [140_000, 139_990], kept: [140_000, 139_990] },
    { rule: 'down by a quarter at once', after: [74_000, 73_990], kept: [74_000, 73_990] },
  ])('$rule starts a new history', ({ after, kept }) => {
    expect(lagsOf([...before, ...after])).toEqual(kept);
    expect(collectSamples(series([...before, ...after])).leapAt).toBe(start + before.length * (minute / 2));
  });

  test.each([
    { rule: 'a growth by the time that passes', lags: [1_000, 1_030, 1_060, 1_090, 1_120] },
    { rule: 'a growth within the noise', lags: [1_000, 1_080, 1_000, 1_085, 1_000] },
    { rule: 'a growth of 3 % of a large lag', lags: [100_000, 102_900, 102_890, 102_880] },
    { rule: 'a fast fall', lags: [9_000, 8_200, 7_400, 6_600] },
    { rule: 'a lag that is gone', lags: [500, 250, 0, 0] },
  ])('is not $rule', ({ lags }) => {
    expect(lagsOf(lags)).toEqual(lags);
  });

  test.each([
    { rule: 'high', wild: 400_000 },
    { rule: 'low', wild: 0 },
  ])('is not a single wild reading, which is left out: a $rule one', ({ wild }) => {
    expect(lagsOf([...before, wild, 99_950])).toEqual([...before, 99_950]);
    expect(lagsOf([wild, ...before]).slice(-3)).toEqual(before.slice(-3));
    expect(lagsOf([90_000, wild, 89_000, 88_000], 5 * minute)).toEqual([90_000, 89_000, 88_000]);
  });

  test('is recognized after a pause, of which nobody knows what happened', () => {
    const samples = [
      ...series(before),
      ...series([180_000, 179_000]).map((one) => ({ ...one, observedAt: one.observedAt + hour })),
    ];
    expect(listSamples(collectSamples(samples))).toEqual(samples.slice(-2));
  });
});

test('of a history that is too long to read, a few moments are enough, closer together the later they are', () => {
  const now = start + 12 * hour;
  const moments = usefulMoments(now, now - 20 * minute);
  expect(moments.length).toBeLessThan(15);
  expect(moments[0]).toBe(now - 12 * hour);
  const gaps = moments.slice(1).map((moment, index) => moment - (moments[index] ?? 0));
  expect(gaps).toEqual(gaps.toSorted((one, other) => other - one));
  expect(usefulMoments(now, now - 12 * hour)).toEqual([]);
});
