import { describe, expect, test } from 'vitest';
import type { PollResult } from '../../../src/atlas/client.ts';
import { changeSentences } from '../../../src/cli/wait/sentences.ts';
import {
  afterPoll,
  allRefused,
  type Goal,
  unread,
  verdictOf,
  type Waited,
} from '../../../src/cli/wait/waited.ts';
import { minute, policy, start, targetOf } from '../../watch/orders.ts';
import { complete, down, gone, polled, ready, refused, says, working } from './polled.ts';

describe('a wait', () => {
  test.each<[string, Goal, readonly Waited[], string]>([
    ['nothing read yet', 'ready', [polled(0)], 'waiting'],
    ['not ready', 'ready', [polled(0, working(90))], 'waiting'],
    ['ready', 'ready', [polled(0, ready)], 'there'],
    ['ready, but complete is waited for', 'complete', [polled(0, ready)], 'waiting'],
    ['complete is past ready', 'ready', [polled(0, complete)], 'there'],
    ['complete', 'complete', [polled(0, complete)], 'there'],
    ['failed', 'ready', [polled(0, says({ status: 'FAILED' }))], 'lost'],
    ['expired', 'complete', [polled(0, ready, says({ status: 'EXPIRED' }))], 'lost'],
    ['gone', 'ready', [polled(0, working(9), gone, gone)], 'lost'],
    ['ready, and out of reach since', 'ready', [polled(0, ready, down)], 'waiting'],
    ['one ready, one not', 'ready', [polled(0, ready), polled(1, working(90))], 'waiting'],
    ['one ready, one failed', 'ready', [polled(0, ready), polled(1, says({ status: 'FAILED' }))], 'lost'],
  ])('with %s', (_, goal, all, verdict) => {
    expect(verdictOf(goal, all)).toBe(verdict);
  });

  test('is refused when every migration is, and none was read', () => {
    expect(allRefused([polled(0, refused), polled(1, refused)])).toBe(true);
    expect(allRefused([polled(0, refused), polled(1, down)])).toBe(false);
    expect(allRefused([polled(0, working(9), refused)])).toBe(false);
  });
});

/** The sentences of each round in which these migrations are polled one after the other, one round a minute. */
function roundsOf(...rounds: readonly (readonly PollResult[])[]): string[][] {
  const all = (rounds[0] ?? []).map((_, n) => unread(targetOf(n)));
  return rounds.map((results, round) =>
    results.flatMap((result, n) => {
      const before = all[n] ?? unread(targetOf(n));
      const others = all.filter((other) => other !== before);
      const { waited, events } = afterPoll(before, result, start + round * minute, policy, others);
      all[n] = waited;
      return changeSentences(events);
    }),
  );
}

describe('an outage is told', () => {
  const read = working(90);
  test('once, where nothing at all can be read', () => {
    const none = [down, down, down];
    const every = [read, read, read];
    const [first, ...later] = roundsOf(every, none, none, none, none, every);
    expect(first).toHaveLength(3);
    expect(later).toEqual([
      [],
      [],
      [expect.stringMatching(/^3 migrations, m\d among them, cannot be read since /)],
      [],
      [
        expect.stringMatching(
          /^Atlas answers again, after 4 min in which 3 migrations, m0 among them, could not be read\.$/,
        ),
      ],
    ]);
  });

  test('once and at once, where nothing can be read from the first', () => {
    expect(roundsOf([down, down, down], [down, down, down])).toEqual([
      [expect.stringMatching(/^3 migrations, m\d among them, cannot be read since /)],
      [],
    ]);
  });

  test('of each that never could be read, as soon as it is sure not to be an outage of all', () => {
    const [first, second] = roundsOf([down, read, gone], [down, read, gone]);
    expect(first).toEqual([
      expect.stringMatching(/^m1 is now watched/),
      expect.stringMatching(/^m2 cannot be read since .*HTTP 404/),
    ]);
    expect(second).toEqual([expect.stringMatching(/^m0 cannot be read since /)]);
  });

  test('at once, where the ids of the first to be read may be wrong', () => {
    const [first] = roundsOf([gone, read]);
    expect(first?.[0]).toMatch(/^m0 cannot be read since .*HTTP 404/);
  });

  test('of one that is left, where the others are complete', () => {
    const rounds = roundsOf([read, complete], [down, complete], [down, complete], [down, complete]);
    expect(rounds[3]).toEqual([expect.stringMatching(/^m0 cannot be read since /)]);
  });
});
