import { expect, test } from 'vitest';
import { pauseAfterRefusal, roundOf, type Turn } from '../../src/watch/round.ts';
import { orders } from './sample-migrations.ts';

const free: Turn = {
  target: orders,
  latest: undefined,
  cadence: 'default',
  pendingSince: undefined,
  notBefore: 0,
};

test('a round polls what is on its schedule and free, one after the other', () => {
  const near = { ...free, cadence: 'approaching' as const };
  const pending = { ...free, pendingSince: 900 };
  expect(roundOf([free, near, pending, free], 'default', 1_000, 30_000)).toEqual([
    [free, 1_000],
    [free, 1_100],
  ]);
  expect(roundOf([free, near, pending], 'approaching', 1_000, 5_000)).toEqual([[near, 1_000]]);
});

test('after a refusal every second tick of half a minute polls, though timers are early or a refusal takes seconds', () => {
  for (const begunAt of [1_000, 4_000]) {
    const refused = { ...free, notBefore: pauseAfterRefusal(begunAt) };
    expect(roundOf([refused], 'default', 31_000, 30_000)).toEqual([]);
    expect(roundOf([refused], 'default', 60_900, 30_000)).toHaveLength(1);
  }
});
