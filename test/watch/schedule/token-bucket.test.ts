import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fullBucket,
  pause,
  type TokenBucket,
  takeToken,
  waitMs,
} from '../../../src/watch/schedule/rate-limiter.ts';

const perMinute = 90;

function spentAt(now: number, times: number): TokenBucket {
  let budget = fullBucket(now, perMinute);
  for (let count = 0; count < times; count += 1) budget = takeToken(budget, now, perMinute);
  return budget;
}

describe('a request budget', () => {
  it.each([
    ['is open at first', spentAt(0, 0), 0, 0],
    ['allows a tenth of a minute at once', spentAt(0, 8), 0, 0],
    ['is used up then', spentAt(0, 9), 0, 667],
    ['refills evenly', spentAt(0, 9), 300, 367],
    ['is open again when one request has been refilled', spentAt(0, 9), 667, 0],
    ['makes up for requests sent beyond it', spentAt(0, 12), 0, 2_667],
    ['waits as long as asked', pause(spentAt(0, 0), 0, 30_000), 10_000, 20_000],
    ['is open after a pause', pause(spentAt(0, 0), 0, 30_000), 30_000, 0],
    ['keeps the longer of two pauses', pause(pause(spentAt(0, 0), 0, 30_000), 1_000, 2_000), 1_000, 29_000],
    [
      'takes the longer one, also when it comes second',
      pause(pause(spentAt(0, 0), 0, 1_000), 500, 9_000),
      500,
      9_000,
    ],
  ])('%s', (_rule, budget, now, expected) => {
    expect(Math.round(waitMs(budget, now, perMinute))).toBe(expected);
  });

  it('does not save up more than its burst', () => {
    let budget = fullBucket(0, perMinute);
    for (let count = 0; count < 9; count += 1) budget = takeToken(budget, 3_600_000, perMinute);
    expect(waitMs(budget, 3_600_000, perMinute)).toBeGreaterThan(0);
  });

  it('allows one request at once, however small it is', () => {
    expect(waitMs(fullBucket(0, 1), 0, 1)).toBe(0);
    expect(waitMs(takeToken(fullBucket(0, 1), 0, 1), 0, 1)).toBe(60_000);
  });

  it('is kept in any sixty seconds by a caller that waits as long as it says', () => {
    const idle = fc.array(fc.oneof(fc.constant(0), fc.nat(90_000)), {
      minLength: 1,
      maxLength: 150,
      size: 'max',
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120 }), idle, (rate, pauses) => {
        let now = 0;
        let budget = fullBucket(now, rate);
        const sent: number[] = [];
        for (const pauseMs of pauses) {
          now += pauseMs;
          now += waitMs(budget, now, rate);
          budget = takeToken(budget, now, rate);
          sent.push(now);
        }
        const most = rate + Math.max(1, Math.round(rate / 10));
        for (const from of sent)
          expect(sent.filter((at) => at >= from && at < from + 60_000).length).toBeLessThanOrEqual(most);
      }),
      { numRuns: 60 },
    );
  });
});
