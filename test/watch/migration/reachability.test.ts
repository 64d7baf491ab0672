import { describe, expect, it } from 'vitest';
import type { Outage } from '../../../src/state/migration-state.ts';
import { afterFailedPoll, isUnreachable, retryAfterMs } from '../../../src/watch/migration/reachability.ts';
import { hour, minute, policy, second, start } from '../outage/simulated-fleet.ts';

const now = start + 2 * minute;
const failing: Outage = { failures: 4, since: start, errorType: 'network' };
const refused: Outage = { failures: 2, since: now - 5 * second, errorType: 'unauthorized' };

describe('A failed poll', () => {
  it.each<{ rule: string; former?: Outage; outage: Outage }>([
    {
      rule: 'is the first when the one before succeeded: the outage began when it began',
      outage: { failures: 1, since: now, errorType: 'timeout' },
    },
    {
      rule: 'adds to the failures, with its own error type',
      former: failing,
      outage: { failures: 5, since: start, errorType: 'timeout' },
    },
    {
      rule: 'keeps when the outage was reported',
      former: { ...failing, reportedAt: start + minute },
      outage: { failures: 5, since: start, errorType: 'timeout', reportedAt: start + minute },
    },
    {
      rule: 'puts no time in the future after the clock was set back',
      former: { ...failing, since: now + hour, reportedAt: now + 2 * hour },
      outage: { failures: 5, since: now, errorType: 'timeout', reportedAt: now },
    },
  ])('$rule', ({ former, outage }) => {
    expect(afterFailedPoll(former, 'timeout', { startedAt: now, wasSeen: true })).toEqual(outage);
  });
});

describe('A migration is unreachable', () => {
  it.each<{ rule: string; outage: Outage; unreachable: boolean }>([
    { rule: 'when its polls have failed for unreachableAfter', outage: failing, unreachable: true },
    {
      rule: 'at unreachableAfter exactly',
      outage: { ...failing, since: now - policy.unreachableAfterMs },
      unreachable: true,
    },
    {
      rule: 'but not before',
      outage: { ...failing, since: now - policy.unreachableAfterMs + 1 },
      unreachable: false,
    },
    {
      rule: 'but not by a single failure, however long ago',
      outage: { ...failing, failures: 1 },
      unreachable: false,
    },
    { rule: 'by two refusals of its credentials', outage: refused, unreachable: true },
    {
      rule: 'but not by a single refusal',
      outage: { ...refused, failures: 1, since: start },
      unreachable: false,
    },
    { rule: 'by two 402', outage: { ...refused, errorType: 'billing' }, unreachable: true },
    { rule: 'by two 403', outage: { ...refused, errorType: 'forbidden' }, unreachable: true },
    { rule: 'by two 406 or 410', outage: { ...refused, errorType: 'api_version' }, unreachable: true },
    { rule: 'by two 404, never seen', outage: { ...refused, errorType: 'not_found' }, unreachable: true },
    { rule: 'but not by two 429', outage: { ...refused, errorType: 'rate_limited' }, unreachable: false },
  ])('$rule', ({ outage, unreachable }) => {
    expect(isUnreachable(outage, now, policy)).toBe(unreachable);
  });
});

describe('The next poll after a failure', () => {
  it.each<{ rule: string; errorType: Outage['errorType']; seconds: readonly (number | undefined)[] }>([
    {
      rule: 'comes ever later after refused credentials, a minute at most',
      errorType: 'unauthorized',
      seconds: [5, 10, 20, 40, 60, 60],
    },
    {
      rule: 'comes early once after another failure that waiting does not cure',
      errorType: 'forbidden',
      seconds: [5, undefined, undefined],
    },
    {
      rule: 'comes early once after a 404 of a migration never seen',
      errorType: 'not_found',
      seconds: [5, undefined],
    },
    {
      rule: 'keeps to the schedule otherwise',
      errorType: 'server_error',
      seconds: [undefined, undefined],
    },
  ])('$rule', ({ errorType, seconds }) => {
    const delays = seconds.map((_, index) => retryAfterMs({ failures: index + 1, since: start, errorType }));
    expect(delays).toEqual(seconds.map((each) => (each === undefined ? undefined : each * second)));
  });

  it('comes within a minute after any number of refusals', () => {
    expect(retryAfterMs({ ...refused, failures: 5_000 })).toBe(minute);
  });
});
