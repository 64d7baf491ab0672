import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { LagProgress } from '../../../src/state/migration-state.ts';
import { addSample, collectSamples, noSamples } from '../../../src/watch/migration/lag-samples.ts';
import { lagProgress } from '../../../src/watch/migration/lag-stall.ts';
import { randomOf } from '../../bench/random.ts';
import { minute, policy, start } from '../sample-migrations.ts';
import { play } from './played.ts';

/** Plays lags, one a minute or so, and returns at which minutes the lag stalled and recovered. */
function stalls(lags: readonly (number | undefined)[], everyMs = minute): string[] {
  const readings = lags.map((lag) => ({
    status: 'WORKING',
    readyForCutover: false,
    ...(lag !== undefined && { lagTimeSeconds: lag }),
  }));
  return play(readings, undefined, policy, everyMs)
    .events.filter(({ event }) => event.startsWith('migration.lag_'))
    .map(
      ({ event, time }) => `${event.slice('migration.lag_'.length)} ${(Date.parse(time) - start) / minute}`,
    );
}

function repeat(times: number, lag: (index: number) => number | undefined): (number | undefined)[] {
  return Array.from({ length: times }, (_, index) => lag(index));
}

describe('the progress of the lag, with stallAfter at half an hour', () => {
  test.each<[string, (number | undefined)[], string[]]>([
    ['falls steadily', repeat(120, (index) => 8_000 - index * 60), []],
    ['stands still, and is reported once', repeat(100, () => 3_600), ['stalled 32']],
    [
      'wavers by noise, which is no progress',
      repeat(60, (index) => 3_600 + ((index * 17) % 40)),
      ['stalled 32'],
    ],
    ['grows', repeat(60, (index) => 600 + index * 30), ['stalled 32']],
    ['is small, and cannot fall much further', repeat(90, (index) => 3 + (index % 4)), []],
    ['Atlas does not report', repeat(60, () => undefined), []],
    [
      'stands still, then falls again',
      [...repeat(40, () => 3_600), ...repeat(20, (index) => 3_600 - index * 60)],
      ['stalled 32', 'recovered 42'],
    ],
    [
      'shows one low sample during a stall, which ends it only if it is lower than ever',
      [...repeat(40, (index) => 3_600 + index * 30), 4_000, ...repeat(20, () => 4_800)],
      ['stalled 32'],
    ],
    [
      'grows through an evening and comes down again',
      [...repeat(60, (index) => 600 + index * 60), ...repeat(30, (index) => 4_140 - index * 60)],
      ['stalled 32', 'recovered 67'],
    ],
  ])('a lag that %s', (_, lags, expected) => {
    expect(stalls(lags)).toEqual(expected);
  });

  const falling = repeat(480, (index) => 7_200 - index * 10);
  const still = repeat(240, () => 3_600);

  test.each<[string, (number | undefined)[], string[]]>([
    ['falls by 20 s a minute from two hours, and shows a 0 once', falling.with(20, 0), []],
    ['falls so, and shows half of itself once', falling.with(20, 3_500), []],
    ['falls so, and shows a 0 first', falling.with(0, 0), []],
    ['falls so, and shows a 0 second', falling.with(1, 0), []],
    ['falls so, and shows four times itself once', falling.with(20, 28_000), []],
    ['stands still, and shows 100 once in the stall', still.with(100, 100), ['stalled 31']],
    ['stands still, and shows 100 once before it', still.with(30, 100), ['stalled 31']],
    ['stands still, and shows a 0 first', still.with(0, 0), ['stalled 31.5']],
  ])('a lag polled every half minute that %s', (_, lags, expected) => {
    expect(stalls(lags, minute / 2)).toEqual(expected);
  });

  test('none is begun in a state that would end it', () => {
    // Two wild readings in a row have left a low that the lag, which falls, reaches in hours only.
    const wild = { lowest: 0, highest: 7_200, observedAt: start, idleMs: 29.8 * minute, stalled: false };
    const samples = collectSamples(
      repeat(60, (index) => 7_190 - index * 10).map((lag, index) => ({
        lagTimeSeconds: lag ?? 0,
        observedAt: start + (index - 59) * (minute / 2),
      })),
    );
    expect(
      lagProgress({ previous: wild, samples, lagSeconds: 6_600, now: start + minute / 2 }, 30 * minute),
    ).toMatchObject({ idleMs: 0, stalled: false });
  });

  test.each([
    ['a clock that is set forward thirty days', [30 * 24 * 60]],
    ['a clock that is set forward and back', [30 * 24 * 60, -30 * 24 * 60]],
    ['a machine that sleeps two hours', [120]],
  ])('%s shows no stall', (_, jumps) => {
    let now = start;
    let progress: LagProgress | undefined;
    let samples = noSamples;
    const observe = (lag: number): LagProgress => {
      samples = addSample(samples, { lagTimeSeconds: lag, observedAt: now });
      progress = lagProgress({ previous: progress, samples, lagSeconds: lag, now }, 30 * minute);
      return progress;
    };
    for (let lag = 10_000; lag > 9_700; lag -= 30, now += minute) observe(lag);
    for (const jump of jumps) {
      now += jump * minute;
      expect(observe(9_700).stalled).toBe(false);
    }
    // It takes the rest of half an hour of watching, and no less.
    for (let minutes = 0; minutes < 20; minutes += 1, now += minute)
      expect(observe(9_700).stalled).toBe(false);
    for (let minutes = 0; minutes < 12; minutes += 1, now += minute) observe(9_700);
    expect(progress?.stalled).toBe(true);
    expect(progress?.idleMs).toBeLessThan(40 * minute);
  });

  describe('does not call a lag stalled that falls in a straight line', () => {
    test.each([
      { hours: 6, days: 30 / 24 },
      { hours: 10, days: 2 },
      { hours: 24, days: 2 },
      { hours: 72, days: 3 },
      { hours: 200, days: 8 },
      { hours: 72, days: 30 },
    ])('from $hours h in $days days', ({ hours, days }) => {
      const random = randomOf(hours);
      const polls = days * 24 * 60;
      const line = repeat(polls, (index) => {
        const noise = random.between(-9, 9) + (random.chance(0.05) ? random.between(-26, 12) : 0);
        return Math.max(0, Math.round(hours * 3_600 * (1 - index / polls) + noise));
      });
      expect(stalls(line)).toEqual([]);
      expect(
        stalls(
          line.slice(0, polls / 5).filter((_, index) => index % 5 === 0),
          5 * minute,
        ),
      ).toEqual([]);
    });

    it('at any pace beyond its noise, with any steady noise and some wild readings', () => {
      const setup = fc.record({
        seed: fc.nat(1_000_000),
        hours: fc.double({ min: 1, max: 150, noNaN: true }),
        noise: fc.double({ min: 0, max: 40, noNaN: true }),
        pace: fc.double({ min: 2, max: 30, noNaN: true }),
        wild: fc.constantFrom(0, 0.003),
      });
      fc.assert(
        fc.property(setup, ({ seed, hours, noise, pace, wild }) => {
          const random = randomOf(seed);
          // The least pace is such that half an hour of it is four times the noise.
          const perMinute = Math.max(1, (noise * pace) / 15);
          const line = repeat(400, (index) => {
            const lag = hours * 3_600 - index * perMinute + random.between(-noise, noise);
            return Math.max(0, Math.round(random.chance(wild) ? lag * random.between(0, 3) : lag));
          });
          expect(stalls(line)).toEqual([]);
        }),
        { numRuns: 60 },
      );
    });
  });

  it('finds a lag that has stopped within twice the time, however large it is', () => {
    const setup = fc.record({
      seed: fc.nat(1_000_000),
      hours: fc.double({ min: 1, max: 150, noNaN: true }),
      noise: fc.double({ min: 0, max: 4, noNaN: true }),
      pace: fc.double({ min: 5, max: 200, noNaN: true }),
      rise: fc.constantFrom(0, 0, 10, 60),
      everyMs: fc.constantFrom(minute / 2, minute, 2 * minute),
    });
    fc.assert(
      fc.property(setup, ({ seed, hours, noise, pace, rise, everyMs }) => {
        const random = randomOf(seed);
        const stopsAt = 60;
        const perPoll = everyMs / minute;
        const lags = repeat((stopsAt + 60) / perPoll, (index) => {
          const at = index * perPoll;
          const fallen = Math.min(at, stopsAt) * Math.min(pace, hours * 20);
          const lag = hours * 3_600 - fallen + Math.max(0, at - stopsAt) * rise;
          return Math.round(lag + 600 + random.between(-noise, noise));
        });
        const [first, ...others] = stalls(lags, everyMs);
        const at = Number(first?.split(' ')[1]);
        expect(first).toContain('stalled');
        expect(at).toBeGreaterThan(stopsAt + 20);
        expect(at).toBeLessThanOrEqual(stopsAt + 60);
        expect(others).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('a lag that goes up and down without a new low is reported after half an hour, then after twice the time, and so on', () => {
    // It rises for 40 minutes and falls for 40, again and again.
    const lags = repeat(40 * 60, (index) => 20_000 + 50 * Math.abs(((index + 40) % 80) - 40));
    const times = stalls(lags)
      .filter((one) => one.startsWith('stalled'))
      .map((one) => Number(one.split(' ')[1]));
    expect(times.length).toBeGreaterThan(0);
    expect(times.length).toBeLessThan(6);
    for (const [index, time] of times.slice(2).entries())
      expect(time - (times[index + 1] ?? 0)).toBeGreaterThanOrEqual(2 * 30);
    // A new low makes it news again.
    const fallen = repeat(60, (index) => 20_000 - 60 * index);
    expect(stalls([...lags, ...fallen, ...repeat(40, () => 16_400)]).at(-1)).toBe(
      `stalled ${2_400 + 60 + 31}`,
    );
  });

  test('a restart that makes the lag leap up and back ends no stall', () => {
    const random = randomOf(3);
    const lags = repeat(15 * 60, (index) => {
      const lag = 78_000 + index * 55 + random.between(-26, 12);
      return Math.round(index >= 535 && index < 541 ? lag * 1.38 : lag);
    });
    expect(stalls(lags)).toEqual(['stalled 32']);
  });

  test('a leap while the lag falls is neither progress nor a stall', () => {
    const lags = repeat(300, (index) => 50_000 - index * 40 + (index >= 100 && index < 106 ? 15_000 : 0));
    expect(stalls(lags)).toEqual([]);
  });

  test('the sentence has the lag then and now, and the one of a recovery the highest lag', () => {
    const halt = [
      ...repeat(30, (index) => 46_260 + 1_800 - index * 60),
      ...repeat(40, (index) => 46_260 + index),
    ];
    const readings = [...halt, ...repeat(30, (index) => 46_300 - index * 60)].map((lagTimeSeconds = 0) => ({
      status: 'WORKING',
      lagTimeSeconds,
    }));
    const [stalled, recovered] = play(readings).events.filter(({ event }) =>
      event.startsWith('migration.lag'),
    );
    expect(stalled).toMatchObject({ lagThenSeconds: 46_261, stalledForSeconds: 1_800 });
    expect(stalled?.msg).toBe(
      'orders is not catching up: its lag has not come down for 30 min (12 h 51 min then, 12 h 51 min now).',
    );
    expect(recovered).toMatchObject({
      lagThenSeconds: expect.any(Number),
      lagNowSeconds: expect.any(Number),
    });
    expect(recovered?.msg).toMatch(
      /^orders is catching up again: 12 h \d+ min behind, down from 12 h 51 min(, ready in .* at this pace)?\.$/,
    );
  });

  test('a stall is over when the migration becomes ready', () => {
    const waiting = repeat(40, () => 3_600).map((lagTimeSeconds) => ({ status: 'WORKING', lagTimeSeconds }));
    const { events, state } = play([
      ...waiting.map(({ status, lagTimeSeconds = 0 }) => ({ status, lagTimeSeconds })),
      { status: 'WORKING', readyForCutover: true, lagTimeSeconds: 2 },
    ]);
    expect(events.slice(-2)).toMatchObject([
      { event: 'migration.ready_for_cutover' },
      { event: 'migration.lag_recovered', msg: 'orders has caught up: 2 s behind.' },
    ]);
    expect(state).not.toHaveProperty('lagProgress');
  });
});
