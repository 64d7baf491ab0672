import { describe, expect, test } from 'vitest';
import type { LagProgress } from '../../../src/state/migration-state.ts';
import { lagProgress } from '../../../src/watch/migration/lag-stall.ts';
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
      ['stalled 32', 'recovered 43'],
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
    ['stands still, and shows a 0 first', still.with(0, 0), ['stalled 31']],
  ])('a lag polled every half minute that %s', (_, lags, expected) => {
    expect(stalls(lags, minute / 2)).toEqual(expected);
  });

  test('none is begun in a state that would end it', () => {
    const wild = { lowest: 0, highest: 7_200, observedAt: start, idleMs: 29.8 * minute, stalled: false };
    const trend = { perMinute: -20, fastest: -22, slowest: -18, level: 6_600 };
    expect(
      lagProgress({ previous: wild, lagSeconds: 6_600, trend, now: start + minute / 2 }, 30 * minute),
    ).toMatchObject({
      idleMs: 0,
      stalled: false,
    });
  });

  test.each([
    ['a clock that is set forward thirty days', [30 * 24 * 60]],
    ['a clock that is set forward and back', [30 * 24 * 60, -30 * 24 * 60]],
    ['a machine that sleeps two hours', [120]],
  ])('%s shows no stall', (_, jumps) => {
    let now = start;
    let progress: LagProgress | undefined;
    const observe = (lag: number): LagProgress => {
      progress = lagProgress({ previous: progress, lagSeconds: lag, trend: undefined, now }, 30 * minute);
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
    for (let minutes = 0; minutes < 10; minutes += 1, now += minute) observe(9_700);
    expect(progress?.stalled).toBe(true);
    expect(progress?.idleMs).toBeLessThan(40 * minute);
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
