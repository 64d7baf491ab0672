import { describe, expect, test } from 'vitest';
import { localTimes } from '../../../src/cli/local-times.ts';
import { endLines, type WaitReason } from '../../../src/cli/wait/ending.ts';
import type { Goal, Waited } from '../../../src/cli/wait/waited.ts';
import { hour, minute, start } from '../../watch/sample-migrations.ts';
import { reads } from '../polled.ts';
import { complete, down, gone, polled, ready, refused, withStatedEnd, working } from './polled.ts';

const decided: WaitReason = { kind: 'decided' };
const timeout: WaitReason = { kind: 'timeout', afterMs: 8_000 };
const falling = [1_200, 1_080, 960, 840, 720].map(working);
const failed = reads({ status: 'FAILED' });
const expired = reads({ status: 'EXPIRED' });
const network =
  'Gone. Check that this machine can resolve and reach the host in atlas.baseUrl on its port. If only a proxy can reach it, set HTTPS_PROXY.';
const key =
  'HTTP 401. Check the public and private key, and that the key belongs to the organization of this project with the role Organization Member.';

interface Case {
  readonly rule: string;
  readonly reason?: WaitReason;
  readonly goal?: Goal;
  readonly all: readonly Waited[];
  readonly minutes?: number;
  readonly lines: readonly string[];
}

describe('the end of a wait', () => {
  test.each<Case>([
    {
      rule: 'one that is ready, with its deadline',
      all: [polled(0, working(90), ready)],
      lines: ['m0 is ready for cutover. Cut over within 5 d (before Sun 29 Nov 00:01 CET).'],
    },
    {
      rule: 'one that was ready from the first',
      all: [polled(0, ready)],
      minutes: 0,
      lines: [
        'm0 is ready for cutover. Cut over within 5 d (before Sun 29 Nov 00:00 CET, or earlier if it was ready before it was first seen).',
      ],
    },
    {
      rule: 'one that was ready from the first, and the end of whose window is stated',
      all: [withStatedEnd(polled(0, ready), start + 7 * 24 * hour)],
      minutes: 0,
      lines: ['m0 is ready for cutover. Cut over within 7 d (before Tue 1 Dec 00:00 CET).'],
    },
    {
      rule: 'several that are ready',
      all: [polled(0, working(90), ready), polled(1, working(90), ready)],
      lines: [
        'All 2 migrations are ready for cutover.',
        'm0 is ready for cutover. Cut over within 5 d (before Sun 29 Nov 00:01 CET).',
        'm1 is ready for cutover. Cut over within 5 d (before Sun 29 Nov 00:01 CET).',
      ],
    },
    {
      rule: 'one that is complete',
      goal: 'complete',
      all: [polled(0, complete)],
      lines: ['m0 is complete.'],
    },
    {
      rule: 'several that are complete',
      goal: 'complete',
      all: [polled(0, complete), polled(1, complete)],
      lines: ['All 2 migrations are complete.'],
    },
    {
      rule: 'the one that failed first, then what else there is',
      all: [polled(0, working(90)), polled(1, failed)],
      lines: [
        'Stopped waiting: m1 failed.',
        'Atlas gives no reason for a failure here: see the Atlas console.',
        'm0 is not ready for cutover: WORKING, 1 min 30 s behind.',
      ],
    },
    {
      rule: 'many others in sum',
      all: [
        polled(0, failed),
        ...[1, 2, 3].map((n) => polled(n, working(90))),
        polled(4, reads({ status: 'NEW' })),
        polled(5),
        polled(6),
      ],
      lines: [
        'Stopped waiting: m0 failed.',
        'Atlas gives no reason for a failure here: see the Atlas console.',
        '4 are not ready yet: 3 WORKING, 1 NEW.',
        '2 have not been read yet.',
      ],
    },
    {
      rule: 'several ends',
      all: [polled(0, failed), polled(1, failed), polled(2, expired), polled(3, working(9), ...gone)],
      lines: [
        'Stopped waiting: m0, m1 failed; m2 expired; m3 is no longer in Atlas.',
        'Atlas gives no reason for a failure here: see the Atlas console.',
        'Nobody cut over in time: an expired migration must be restarted from scratch.',
        'Atlas answers nothing but 404: a migration may have been canceled in the console.',
      ],
    },
    {
      rule: 'what is complete where readiness was waited for',
      all: [polled(0, complete)],
      lines: ['Stopped waiting: m0 is already complete.', 'There is nothing left to cut over.'],
    },
    {
      rule: 'how each has ended, where any end was waited for',
      goal: 'settled',
      all: [polled(0, complete), polled(1, failed)],
      lines: [
        'm0 is complete; m1 failed.',
        'Atlas gives no reason for a failure here: see the Atlas console.',
      ],
    },
    {
      rule: 'one that is complete, where any end was waited for',
      goal: 'settled',
      all: [polled(0, complete)],
      lines: ['m0 is complete.'],
    },
    {
      rule: 'how many have ended',
      reason: timeout,
      goal: 'settled',
      all: [polled(0, complete), polled(1, working(90))],
      lines: [
        'Timed out after 8 s: 1 of 2 ended.',
        'm1 is not ready for cutover: WORKING, 1 min 30 s behind.',
      ],
    },
    {
      rule: 'the lag that was too high',
      reason: timeout,
      all: [{ ...polled(0, working(90), ready), lagLimit: { seconds: 2, polls: 0 } }],
      lines: [
        'Timed out after 8 s: 0 of 1 ready and at most 2 s behind.',
        'm0 is ready for cutover, 3 s behind. Cut over within 5 d (before Sun 29 Nov 00:01 CET).',
      ],
    },
    {
      rule: 'that the time is up',
      reason: timeout,
      goal: 'complete',
      all: [polled(0, complete), polled(1, working(90), ready)],
      lines: [
        'Timed out after 8 s: 1 of 2 complete.',
        'm1 is ready for cutover, not complete. Cut over within 5 d (before Sun 29 Nov 00:01 CET).',
      ],
    },
    {
      rule: 'the estimate of what is not ready',
      reason: timeout,
      all: [polled(0, ...falling)],
      minutes: 4,
      lines: [
        'Timed out after 8 s: 0 of 1 ready.',
        'm0 is not ready for cutover: WORKING, 12 min behind, ready in about 7 min.',
      ],
    },
    {
      rule: 'no estimate that is too old',
      reason: timeout,
      all: [polled(0, ...falling)],
      minutes: 60,
      lines: ['Timed out after 8 s: 0 of 1 ready.', 'm0 is not ready for cutover: WORKING, 12 min behind.'],
    },
    {
      rule: 'that it was interrupted',
      reason: { kind: 'interrupted' },
      all: [polled(0, reads({})), polled(1)],
      lines: [
        'Interrupted: 0 of 2 ready.',
        'm0 is not ready for cutover: no status yet.',
        'm1 has not been read yet.',
      ],
    },
    {
      rule: 'a fault of all once',
      reason: timeout,
      all: [polled(0, down), polled(1, down)],
      lines: ['Timed out after 8 s: 0 of 2 ready.', `None of 2 migrations could be read: ${network}`],
    },
    {
      rule: 'what was ready when it was last read, and why it is not read',
      reason: timeout,
      all: [polled(0, working(90), ready, down)],
      minutes: 3,
      lines: [
        'Timed out after 8 s: 0 of 1 ready.',
        'm0 was ready for cutover when it was last read, 2 min ago. Cut over within 4 d 23 h (before Sun 29 Nov 00:01 CET).',
        `m0 couldn't be read: ${network}`,
      ],
    },
    {
      rule: 'refused credentials',
      reason: { kind: 'refused', sentence: 'Atlas was asked with the key.' },
      all: [polled(0, refused), polled(1, refused)],
      lines: [
        'Stopped waiting: Atlas refuses the credentials.',
        'Atlas was asked with the key.',
        `None of 2 migrations could be read: ${key}`,
      ],
    },
    {
      rule: 'a window that is over',
      reason: timeout,
      goal: 'complete',
      all: [polled(0, working(90), ready)],
      minutes: 125 * 60 + 1,
      lines: [
        'Timed out after 8 s: 0 of 1 complete.',
        'm0 is ready for cutover, not complete, and overdue by 5 h (Sun 29 Nov 00:01 CET). Check in the Atlas console how long its window is.',
      ],
    },
  ])('tells $rule', ({ reason = decided, goal = 'ready', all, minutes = 1, lines }) => {
    const context = {
      now: start + minutes * minute,
      policyOf: () => ({ windowMs: 120 * hour }),
      times: localTimes('Europe/Berlin'),
    };
    expect(endLines(reason, goal, all, context)).toEqual(lines);
  });
});
