import { describe, expect, test } from 'vitest';
import type { PollResult } from '../../../src/atlas/client.ts';
import { waitResult } from '../../../src/cli/wait/result.ts';
import { type Goal, waitedOf } from '../../../src/cli/wait/waited.ts';
import { hour, minute, start } from '../../watch/sample-migrations.ts';
import { reads } from '../polled.ts';
import { complete, down, ready, snapshotAfter, working } from './polled.ts';

function resultOf(goal: Goal, ...polls: readonly (readonly PollResult[])[]) {
  const all = polls.map((results, n) => {
    const snapshot = snapshotAfter(n, ...results);
    return { snapshot, waited: waitedOf(snapshot) };
  });
  const context = {
    goal,
    maxLagSeconds: undefined,
    elapsedMs: 61_499,
    now: start + minute,
    policy: { windowMs: 120 * hour },
  };
  return waitResult({ kind: 'decided' }, all, context);
}

describe('the result of a wait, for programs', () => {
  test('has what was waited for, why it ended, and of each migration what check says', () => {
    expect(resultOf('ready', [working(90), ready])).toMatchObject({
      reason: 'reached',
      for: 'ready',
      elapsedSeconds: 61,
      migrations: [
        {
          name: 'm0',
          status: 'WORKING',
          readyForCutover: true,
          lagTimeSeconds: 3,
          readySinceKnown: true,
          deadlineEstimated: true,
          remainingSeconds: 120 * 3_600,
          reached: true,
        },
      ],
    });
  });

  test('says which ended otherwise, and which could not be read', () => {
    expect(resultOf('ready', [reads({ status: 'FAILED' })], [down], [])).toMatchObject({
      reason: 'settled_otherwise',
      migrations: [
        { name: 'm0', reached: false, settlement: 'FAILED', status: 'FAILED' },
        { name: 'm1', reached: false, error: { errorType: 'network' } },
        { name: 'm2', reached: false },
      ],
    });
  });

  test('is reached by any end, where any end was waited for', () => {
    expect(resultOf('settled', [reads({ status: 'FAILED' })], [complete])).toMatchObject({
      reason: 'reached',
      migrations: [
        { reached: true, settlement: 'FAILED' },
        { reached: true, settlement: 'COMPLETE' },
      ],
    });
  });
});
