import { describe, expect, test } from 'vitest';
import { AtlasError } from '../../../src/atlas/atlas-error.ts';
import type { PollResult } from '../../../src/atlas/client.ts';
import type { MigrationReading } from '../../../src/atlas/migration-reply.ts';
import { chooseTargets, nameProblems, parseTimeout } from '../../../src/cli/wait/arguments.ts';
import { waitLine } from '../../../src/cli/wait/line.ts';
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

const failure = (kind: 'unauthorized' | 'network' | 'not_found', detail: string): PollResult => ({
  ok: false,
  attempts: 1,
  error: new AtlasError({ kind, detail }),
});
const refused = failure('unauthorized', 'HTTP 401');
const down = failure('network', 'Gone');
const gone = failure('not_found', 'HTTP 404');
const says = (reading: MigrationReading): PollResult => ({ ok: true, attempts: 1, reading });
const working = (lagTimeSeconds: number) =>
  says({ status: 'WORKING', readyForCutover: false, lagTimeSeconds });
const ready = says({ status: 'WORKING', readyForCutover: true, lagTimeSeconds: 3 });
const complete = says({ status: 'COMPLETE' });

/** What is known of migration number `n` after these polls, one a minute. */
function polled(n: number, ...results: readonly PollResult[]): Waited {
  let waited = unread(targetOf(n));
  for (const [index, result] of results.entries())
    ({ waited } = afterPoll(waited, result, start + index * minute, policy, []));
  return waited;
}

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
    const [first, ...later] = roundsOf([read, read, read], ...Array(4).fill([down, down, down]), [
      read,
      read,
      read,
    ]);
    expect(first).toHaveLength(3);
    expect(later).toEqual([
      [],
      [],
      [expect.stringMatching(/^None of the 3 migrations, m\d among them, can be read since /)],
      [],
      [expect.stringMatching(/^m0 can be read again, after 4 min; none of 3 migrations could be\.$/)],
    ]);
  });

  test('once and at once, where nothing can be read from the first', () => {
    expect(roundsOf([down, down, down], [down, down, down])).toEqual([
      [expect.stringMatching(/^None of the 3 migrations, m\d among them, can be read since /)],
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

const times = { now: start + 5 * minute, elapsedMs: 5 * minute, leftMs: 60 * minute };
const falling = polled(0, ...[1_200, 1_080, 960, 840, 720].map(working));
const asIs = (text: string): string => text;

test.each<[string, readonly Waited[], number, RegExp]>([
  [
    'one, with its trend and estimate',
    [falling],
    120,
    /^m0: WORKING, 12 min behind, falling 120 s\/min, ready in about 5 min.* \[5 min, 1 h left\]$/,
  ],
  [
    'two that fit',
    [falling, polled(1, ready)],
    120,
    /^m0: WORKING, 12 min behind; m1: ready \[5 min, 1 h left\]$/,
  ],
  ['one out of reach', [polled(0, working(90), down)], 120, /^m0: out of reach for 4 min \(Gone\.\) \[/],
  [
    'many, by the one that takes longest',
    [falling, ...[1, 2, 3, 4, 5].map((n) => polled(n, ready))],
    90,
    /^5 of 6 ready; m0: WORKING/,
  ],
])('the line tells of %s', (_, all, columns, expected) => {
  const line = waitLine('ready', all, times, columns, asIs);
  expect(line).toMatch(expected);
  expect(line.length).toBeLessThanOrEqual(columns);
});

test.each([200, 80, 40, 12, 1])('the line is never wider than %i columns', (columns) => {
  const line = waitLine('ready', [falling, polled(1, ready)], times, columns, asIs);
  expect(line.length).toBeLessThanOrEqual(columns);
});

test('names choose migrations, and unknown ones are told with advice', () => {
  const targets = [targetOf(0), targetOf(1)];
  expect(chooseTargets(targets, [])).toEqual(targets);
  expect(chooseTargets(targets, ['m1', 'm1'])).toEqual([targets[1]]);
  expect(nameProblems(targets, ['m1'])).toEqual([]);
  expect(nameProblems(targets, ['m11', 'm11'])).toEqual([expect.stringContaining('Did you mean m1?')]);
});

test.each([
  [undefined, undefined],
  ['6h', 21_600_000],
  ['0', expect.stringContaining('--timeout "0"')],
  ['soon', expect.stringContaining('such as 90s')],
])('a timeout of %s', (text, expected) => {
  expect(parseTimeout(text)).toEqual(expected);
});
