import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { estimateReady, type ReadyEstimate, readySoon } from '../../../src/watch/migration/lag-estimate.ts';
import { addSample, collectSamples, noSamples } from '../../../src/watch/migration/lag-samples.ts';
import { livesOf } from '../../bench/lives.ts';
import { randomOf } from '../../bench/random.ts';
import { minute, start } from '../sample-migrations.ts';

const everyMs = minute / 2;

function series(count: number, lagAt: (index: number) => number) {
  return collectSamples(
    Array.from({ length: count }, (_, index) => ({
      observedAt: start + index * everyMs,
      lagTimeSeconds: Math.max(0, Math.round(lagAt(index))),
    })),
  );
}

/** A lag that falls at a steady pace, in seconds a minute, and has so much time to go, in seconds. */
function steady(perMinute: number, toGo: number, count = 240) {
  return series(count, (index) => 30 + (perMinute / 60) * (toGo + (count - 1 - index) * 30));
}

/** A lag that falls by two minutes a minute for four minutes and rises by one for two, again and again. */
function sawtooth(index: number): number {
  const phase = index % 12;
  return Math.floor(index / 12) * -360 + Math.max(-480, phase * -60) + Math.max(0, phase - 8) * 30;
}

describe('the estimate of readiness', () => {
  test.each([
    { rule: 'ten minutes', toGo: 600, perMinute: 60 },
    { rule: 'an hour', toGo: 3_600, perMinute: 60 },
    { rule: 'four hours', toGo: 4 * 3_600, perMinute: 60 },
    { rule: 'a day, slowly', toGo: 24 * 3_600, perMinute: 4 },
    { rule: 'three days', toGo: 72 * 3_600, perMinute: 60 },
  ])('of a steady lag is right and narrow, $rule before', ({ toGo, perMinute }) => {
    const estimate = estimateReady(steady(perMinute, toGo));
    expect(estimate?.seconds).toBeGreaterThan(toGo * 0.95);
    expect(estimate?.seconds).toBeLessThan(toGo * 1.05 + 120);
    expect(estimate?.latest).toBeLessThan(toGo * 1.6 + 300);
    expect(estimate?.earliest).toBeGreaterThan(toGo * 0.5);
  });

  test.each([
    { rule: 'rises', samples: series(60, (index) => 5_000 + index * 27) },
    { rule: 'stands still', samples: series(60, () => 5_000) },
    { rule: 'is small and wavers', samples: series(60, (index) => 20 + ((index * 7) % 5)) },
    { rule: 'would take weeks', samples: series(60, (index) => 900_000 - index) },
    { rule: 'was read three times', samples: series(3, (index) => 900 - index * 30) },
  ])('is absent of a lag that $rule', ({ samples }) => {
    expect(estimateReady(samples)).toBeUndefined();
  });

  test('of a lag that has just come down is a moment', () => {
    expect(estimateReady(series(40, (index) => 790 - index * 20))).toMatchObject({
      seconds: 60,
      earliest: expect.any(Number),
    });
  });

  test('of a lag that came down to 20 s and stays there is given for a while only', () => {
    let samples = noSamples;
    const given = Array.from({ length: 150 }, (_, index) => {
      const lagTimeSeconds = index < 30 ? 620 - index * 20 : 19 + (index % 3);
      samples = addSample(samples, { lagTimeSeconds, observedAt: start + index * everyMs });
      return estimateReady(samples) !== undefined;
    });
    expect(given[30]).toBe(true);
    expect(given.slice(120)).not.toContain(true);
  });

  test('sees bursts and halts, which a median of slopes does not', () => {
    const estimate = estimateReady(series(240, (index) => 3_600 + 240 * 30 + sawtooth(index)));
    expect(estimate?.seconds).toBeGreaterThan(0.75 * 3_600);
    expect(estimate?.seconds).toBeLessThan(1.35 * 3_600);
  });

  test('of a lag that decays does not follow the pace of now', () => {
    const half = 120;
    const estimate = estimateReady(series(300, (index) => 80_000 * 2 ** (-index / half)));
    const truth = half * Math.log2((80_000 * 2 ** (-299 / half)) / 30) * 30;
    expect(estimate?.earliest).toBeLessThan(truth);
    expect(estimate?.latest).toBeGreaterThan(truth);
    expect(estimate?.seconds).toBeGreaterThan(0.7 * truth);
  });

  test('is not changed much by a single wild reading', () => {
    const usual = steady(60, 3_600);
    const observedAt = start + 240 * everyMs;
    for (const lagTimeSeconds of [0, 40, 90_000]) {
      const estimate = estimateReady(addSample(usual, { lagTimeSeconds, observedAt }));
      expect(estimate?.seconds).toBeGreaterThan(3_300);
      expect(estimate?.seconds).toBeLessThan(3_900);
    }
  });

  test('is silent through a restart that makes a rising lag leap up, and down again minutes later', () => {
    const random = randomOf(1);
    let samples = noSamples;
    for (let index = 0; index < 15 * 120; index += 1) {
      const lag = 78_000 + index * 30 * 0.92 + random.between(-26, 12);
      const leapt = index > 1_070 && index < 1_083 ? 1.38 : 1;
      const lagTimeSeconds = Math.round(lag * leapt);
      samples = addSample(samples, { lagTimeSeconds, observedAt: start + index * everyMs });
      expect(estimateReady(samples)).toBeUndefined();
    }
  });

  it('has an earliest, a middle and a latest, in this order, whatever the lag', () => {
    const lags = fc.array(fc.nat(200_000), { minLength: 4, maxLength: 80 });
    const paces = fc.array(fc.integer({ min: -300, max: 40 }), { minLength: 4, maxLength: 80 });
    const walks = paces.map((steps) => {
      let lag = 40_000;
      return steps.map((step) => (lag = Math.max(0, lag + step)));
    });
    fc.assert(
      fc.property(fc.oneof(lags, walks), (values) => {
        const estimate = estimateReady(series(values.length, (index) => values[index] ?? 0));
        if (estimate === undefined) return;
        const { earliest, seconds, latest } = estimate;
        expect(earliest).toBeGreaterThanOrEqual(0);
        expect(earliest).toBeLessThanOrEqual(seconds);
        expect(seconds).toBeLessThanOrEqual(latest);
        expect(latest).toBeLessThan(60 * 24 * 3_600);
      }),
    );
  });

  test('has a range that holds in nearly nine of ten cases, of lives that it was not made for', () => {
    const said = (['levels', 'writes', 'contention', 'long halts', 'wandering'] as const).flatMap((kind) =>
      livesOf(kind, 4, 77).flatMap(({ copiedAt, readyAt, lagAt }) => {
        const held: boolean[] = [];
        let samples = noSamples;
        for (let second = copiedAt; second < readyAt; second += 30) {
          samples = addSample(samples, {
            lagTimeSeconds: lagAt(second) ?? 0,
            observedAt: start + second * 1000,
          });
          const toGo = readyAt - second;
          const isAsked = [600, 3_600, 14_400].some((before) => Math.abs(toGo / before - 1) < 0.05);
          const estimate = isAsked ? estimateReady(samples) : undefined;
          if (estimate !== undefined) held.push(holds(estimate, toGo));
        }
        return held;
      }),
    );
    expect(said.length).toBeGreaterThan(200);
    expect(said.filter(Boolean).length / said.length).toBeGreaterThan(0.85);
  });
});

function holds({ earliest, latest }: ReadyEstimate, truth: number): boolean {
  return truth >= earliest && truth <= latest;
}

test.each([
  { rule: 'of a steady lag', samples: steady(60, 180), seconds: 240 },
  { rule: 'of a fast one', samples: steady(1_000, 180, 20), seconds: 240 },
  { rule: 'of one that stands still', samples: series(20, () => 500), seconds: undefined },
  { rule: 'of one that rises', samples: series(20, (index) => 500 + index * 20), seconds: undefined },
  { rule: 'of too few', samples: series(3, (index) => 500 - index), seconds: undefined },
])('the quick estimate $rule is that of the latest minutes', ({ samples, seconds }) => {
  const soon = readySoon(samples);
  if (seconds === undefined) expect(soon).toBeUndefined();
  else expect(soon).toBeCloseTo(seconds, -2);
});
