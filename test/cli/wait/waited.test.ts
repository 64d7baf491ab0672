import { describe, expect, test } from 'vitest';
import type { PollResult } from '../../../src/atlas/client.ts';
import { afterPoll } from '../../../src/cli/wait/lag-limit.ts';
import { allRefused, type Goal, verdictOf, type Waited, waitedOf } from '../../../src/cli/wait/waited.ts';
import { listSamples } from '../../../src/watch/migration/lag-samples.ts';
import { hour, minute, start, targetOf } from '../../watch/sample-migrations.ts';
import { pollOnce, reads, unpolled } from '../polled.ts';
import { complete, down, gone, polled, ready, refused, snapshotAfter, working } from './polled.ts';

describe('a wait', () => {
  test.each<[string, Goal, readonly Waited[], string]>([
    ['nothing read yet', 'ready', [polled(0)], 'waiting'],
    ['not ready', 'ready', [polled(0, working(90))], 'waiting'],
    ['ready', 'ready', [polled(0, ready)], 'reached'],
    ['ready, but complete is waited for', 'complete', [polled(0, ready)], 'waiting'],
    ['complete is past ready', 'ready', [polled(0, complete)], 'missed'],
    ['complete', 'complete', [polled(0, complete)], 'reached'],
    ['failed', 'ready', [polled(0, reads({ status: 'FAILED' }))], 'missed'],
    ['expired', 'complete', [polled(0, ready, reads({ status: 'EXPIRED' }))], 'missed'],
    ['gone', 'ready', [polled(0, working(9), ...gone)], 'missed'],
    ['ready, and out of reach since', 'ready', [polled(0, ready, down)], 'waiting'],
    ['ready, and any end is waited for', 'settled', [polled(0, ready)], 'waiting'],
    ['complete, and any end is waited for', 'settled', [polled(0, complete)], 'reached'],
    ['gone, and any end is waited for', 'settled', [polled(0, working(9), ...gone)], 'reached'],
    [
      'one failed, one going on, and any end is waited for',
      'settled',
      [polled(0, reads({ status: 'FAILED' })), polled(1, ready)],
      'waiting',
    ],
    ['one ready, one not', 'ready', [polled(0, ready), polled(1, working(90))], 'waiting'],
    ['one ready, one failed', 'ready', [polled(0, ready), polled(1, reads({ status: 'FAILED' }))], 'missed'],
  ])('with %s', (_, goal, all, verdict) => {
    expect(verdictOf(goal, all)).toBe(verdict);
  });

  const low = reads({ status: 'WORKING', readyForCutover: true, lagTimeSeconds: 10 });
  const high = reads({ status: 'WORKING', readyForCutover: true, lagTimeSeconds: 11 });
  const unknown = reads({ status: 'WORKING', readyForCutover: true });
  test.each<{ rule: string; polls: readonly PollResult[]; verdict: string }>([
    { rule: 'two low lags in a row', polls: [high, low, low], verdict: 'reached' },
    { rule: 'one low lag', polls: [high, low], verdict: 'waiting' },
    { rule: 'a high lag in between', polls: [low, high, low], verdict: 'waiting' },
    { rule: 'a failed poll in between', polls: [low, down, low], verdict: 'waiting' },
    { rule: 'no lag in between', polls: [low, unknown, low], verdict: 'waiting' },
    { rule: 'low lags, but not ready', polls: [working(3), working(3)], verdict: 'waiting' },
    { rule: 'ready with the second low lag', polls: [working(3), low], verdict: 'reached' },
    { rule: 'low lags, and withdrawn since', polls: [low, low, working(3)], verdict: 'waiting' },
    { rule: 'an end', polls: [low, low, complete], verdict: 'missed' },
  ])('for readiness with a lag of at most 10 s is $verdict with $rule', ({ polls, verdict }) => {
    const limit = polls.reduce(
      (before, result) => afterPoll(before, result.ok ? result.reading.lagTimeSeconds : undefined),
      { seconds: 10, polls: 0 },
    );
    expect(verdictOf('ready', [waitedOf(snapshotAfter(0, ...polls), limit)])).toBe(verdict);
  });

  test.each<{ rule: string; all: readonly Waited[]; isRefused: boolean }>([
    { rule: 'all were refused', all: [polled(0, refused), polled(1, refused)], isRefused: true },
    { rule: 'another one failed', all: [polled(0, refused), polled(1, down)], isRefused: false },
    { rule: 'another one was read', all: [polled(0, refused), polled(1, working(9))], isRefused: false },
    { rule: 'one was read before', all: [polled(0, working(9), refused)], isRefused: false },
    { rule: 'others were not polled', all: [polled(0, refused), polled(1)], isRefused: true },
    { rule: 'none was polled', all: [polled(0)], isRefused: false },
    {
      rule: 'a watcher has recorded one that is refused now',
      all: [waitedOf(pollOnce(unpolled(targetOf(0), recordOf(ready)), refused, start).after)],
      isRefused: true,
    },
  ])('ends for refused credentials where $rule: $isRefused', ({ all, isRefused }) => {
    expect(allRefused(all)).toBe(isRefused);
  });
});

function recordOf(...results: Parameters<typeof snapshotAfter>[1][]) {
  const { state, samples } = snapshotAfter(0, ...results);
  if (state === undefined) throw new Error('A poll leaves a state.');
  return { state, samples: listSamples(samples) };
}

describe('in the light of a record', () => {
  const waitedFor = (recorded: ReturnType<typeof recordOf>, ...results: Parameters<typeof recordOf>) =>
    waitedOf(
      results.reduce(
        (before, result) => pollOnce(before, result, start + 50 * hour).after,
        unpolled(targetOf(0), recorded),
      ),
    );

  test.each<{ rule: string; waited: Waited; verdict: string }>([
    {
      rule: 'before its first poll, whatever is recorded',
      waited: waitedFor(recordOf(ready)),
      verdict: 'waiting',
    },
    { rule: 'while it cannot be read', waited: waitedFor(recordOf(ready), down), verdict: 'waiting' },
    { rule: 'when it is read as ready', waited: waitedFor(recordOf(ready), ready), verdict: 'reached' },
    {
      rule: 'when it is read again after it was gone',
      waited: waitedFor(recordOf(working(9), ...gone), ready),
      verdict: 'reached',
    },
    {
      rule: 'when it is not ready any more',
      waited: waitedFor(recordOf(ready), working(9)),
      verdict: 'waiting',
    },
    {
      rule: 'when it failed',
      waited: waitedFor(recordOf(ready), reads({ status: 'FAILED' })),
      verdict: 'missed',
    },
  ])('a migration is $verdict $rule', ({ waited, verdict }) => {
    expect(verdictOf('ready', [waited])).toBe(verdict);
  });

  test('a migration keeps the moment at which the watcher saw it become ready', () => {
    const { state } = waitedFor(recordOf(working(90), ready), down, ready);
    expect(state?.readiness).toMatchObject({ since: start + minute, sinceKnown: true });
  });

  test('a readiness that began after the watcher last polled has no known beginning', () => {
    const { state } = waitedFor(recordOf(working(90)), ready);
    expect(state?.readiness).toMatchObject({ since: start + 50 * hour, sinceKnown: false });
  });

  test('a trend continues from the recorded lag', () => {
    const readAt = start + 50 * hour;
    const samples = [5, 4, 3, 2, 1].map((ago) => ({
      observedAt: readAt - ago * minute,
      lagTimeSeconds: 600 + ago * 60,
    }));
    const { trend } = waitedFor({ ...recordOf(working(900)), samples }, working(600));
    expect(trend?.perMinute).toBeCloseTo(-60, 0);
  });
});
