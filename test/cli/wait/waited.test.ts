import { describe, expect, test } from 'vitest';
import { AtlasError } from '../../../src/atlas/atlas-error.ts';
import type { PollResult } from '../../../src/atlas/client.ts';
import type { MigrationReading } from '../../../src/atlas/migration-reply.ts';
import { chooseTargets, nameProblems, parseTimeout } from '../../../src/cli/wait/arguments.ts';
import { waitLine } from '../../../src/cli/wait/line.ts';
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
    ({ waited } = afterPoll(waited, result, start + index * minute, policy));
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
