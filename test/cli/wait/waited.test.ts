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
import type { RecordedMigration } from '../../../src/state/recorded-migrations.ts';
import type { LagSample } from '../../../src/state/store.ts';
import { initialState } from '../../../src/watch/migration/event-draft.ts';
import { hour, minute, policy, start, targetOf } from '../../watch/sample-migrations.ts';
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

const recordOf = (results: readonly PollResult[], samples: readonly LagSample[] = []): RecordedMigration => {
  const { target, state = initialState(start) } = polled(0, ...results);
  return { ...target, state, samples };
};

describe('in the light of a record, a first read', () => {
  const readAt = start + 50 * hour;
  const readOf = (recorded: RecordedMigration, ...results: readonly PollResult[]) => {
    let waited = unread(targetOf(0), recorded);
    const told: string[] = [];
    for (const result of results) {
      const step = afterPoll(waited, result, readAt, policy, []);
      waited = step.waited;
      told.push(...changeSentences(step.events));
    }
    return { waited, told, verdict: verdictOf('ready', [waited]) };
  };

  test('keeps the moment at which the watcher saw it become ready', () => {
    const { waited } = readOf(recordOf([working(90), ready]), ready);
    expect(waited.state?.readiness).toMatchObject({ since: start + minute, sinceKnown: true });
  });

  test('dates no readiness that began after the watcher last looked', () => {
    const { waited, told } = readOf(recordOf([working(90)]), ready);
    expect(waited.state?.readiness).toMatchObject({ since: readAt, sinceKnown: false });
    expect(told).toEqual([expect.stringMatching(/^m0 is ready for cutover/)]);
  });

  test('tells that what was ready is not so any more', () => {
    const { verdict, told } = readOf(recordOf([working(90), ready]), working(90));
    expect(verdict).toBe('waiting');
    expect(told).toEqual([expect.stringMatching(/^m0 is not ready for cutover any more/)]);
  });

  test('goes on with the trend of the lag', () => {
    const samples = [5, 4, 3, 2, 1].map((ago) => ({
      observedAt: readAt - ago * minute,
      lagTimeSeconds: 600 + ago * 60,
    }));
    const { waited } = readOf(recordOf([working(900)], samples), working(600));
    expect(waited.trend?.perMinute).toBeCloseTo(-60, 0);
  });

  test('is waited for, whatever the record says, and an end is taken from Atlas alone', () => {
    expect(verdictOf('ready', [unread(targetOf(0), recordOf([ready]))])).toBe('waiting');
    expect(readOf(recordOf([working(9), gone, gone]), ready).verdict).toBe('there');
    expect(readOf(recordOf([ready]), down, ready).waited.state?.readiness?.since).toBe(start);
    expect(allRefused([readOf(recordOf([ready]), refused).waited])).toBe(true);
  });
});
