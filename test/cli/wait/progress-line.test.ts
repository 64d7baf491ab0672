import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { waitLine } from '../../../src/cli/wait/progress-line.ts';
import type { Goal, Waited } from '../../../src/cli/wait/waited.ts';
import { hour, minute, start } from '../../watch/sample-migrations.ts';
import { reads } from '../polled.ts';
import { down, polled, ready, withStatedEnd, working } from './polled.ts';

const asIs = (text: string): string => text;
const usual = {
  now: start + 5 * minute,
  elapsedMs: 5_000,
  policyOf: () => ({ windowMs: 120 * hour }),
  columns: 80,
  clean: asIs,
};
const falling = polled(0, ...[1_200, 1_080, 960, 840, 720].map(working));
const wideName = { ...falling, target: { ...falling.target, name: 'サーバーの移行' } };
const longName = { ...falling, target: { ...falling.target, name: 'search-index-of-the-shop-'.repeat(4) } };

interface Case {
  readonly rule: string;
  readonly goal?: Goal;
  readonly all: readonly Waited[];
  readonly changes?: Partial<typeof usual & { leftMs: number }>;
  readonly line: string;
}

test.each<Case>([
  {
    rule: 'the estimate first, then lag and time',
    all: [falling],
    line: 'm0  ready in ~6 min (2–12)  lag 12 min ↓  waited 5 s',
  },
  {
    rule: 'the lag that is waited for',
    all: [{ ...polled(0, working(90), ready), lagLimit: { seconds: 2, polls: 1 } }],
    line: 'm0  ready, waits for a lag of 2 s  lag 3 s  waited 5 s',
  },
  {
    rule: 'how many have ended',
    goal: 'settled',
    all: [polled(0, reads({ status: 'COMPLETE' })), polled(1, working(90))],
    line: '1 of 2 ended  m1  WORKING, no estimate yet  lag 1 min 30 s  waited 5 s',
  },
  {
    rule: 'the timeout, where there is one',
    all: [polled(0, working(90))],
    changes: { leftMs: 7_140_000 },
    line: 'm0  WORKING, no estimate yet  lag 1 min 30 s  waited 5 s, timeout in 1 h 59 min',
  },
  {
    rule: 'no timeout in less room',
    all: [falling],
    changes: { leftMs: 7_140_000, columns: 60 },
    line: 'm0  ready in ~6 min (2–12)  lag 12 min ↓  waited 5 s',
  },
  {
    rule: 'the name rather than how many can not be read',
    all: [falling, polled(1, working(90), down)],
    changes: { columns: 60 },
    line: "0 of 2 ready  m1  can't be read for 4 min (network error)",
  },
  {
    rule: 'fewer parts in less room',
    all: [falling],
    changes: { columns: 44 },
    line: 'm0  ready in ~6 min (2–12)  lag 12 min ↓',
  },
  {
    rule: 'the estimate in little room',
    all: [falling],
    changes: { columns: 30 },
    line: 'm0  ready in ~6 min (2–12)',
  },
  {
    rule: 'a name that is cut before the estimate is',
    all: [longName],
    changes: { columns: 60 },
    line: 'search-index-of-the-shop-search-ind…  ready in ~6 min (2–12)',
  },
  {
    rule: 'no estimate that is too old',
    all: [falling],
    changes: { now: start + 60 * minute },
    line: 'm0  WORKING, no estimate yet  lag 12 min ↓  waited 5 s',
  },
  {
    rule: 'what is left of the window, for completion',
    goal: 'complete',
    all: [polled(0, working(90), ready)],
    changes: { now: start + 115 * hour + 35 * minute },
    line: 'm0  ready, 4 h 26 min of the window left  lag 3 s  waited 5 s',
  },
  {
    rule: 'what is left at most where it was ready from the first',
    goal: 'complete',
    all: [polled(0, ready)],
    changes: { now: start },
    line: 'm0  ready, at most 5 d of the window left  lag 3 s  waited 5 s',
  },
  {
    rule: 'what is left of a window whose end is stated',
    goal: 'complete',
    all: [withStatedEnd(polled(0, ready), start + 7 * 24 * hour)],
    changes: { now: start },
    line: 'm0  ready, 7 d of the window left  lag 3 s  waited 5 s',
  },
  {
    rule: 'that the window is over',
    goal: 'complete',
    all: [polled(0, ready)],
    changes: { now: start + 125 * hour },
    line: 'm0  ready, overdue by 5 h  lag 3 s  waited 5 s',
  },
  {
    rule: 'why it is not read, in a word',
    all: [polled(0, working(90), down)],
    line: "m0  can't be read for 4 min (network error)  waited 5 s",
  },
  { rule: 'that nothing is read yet', all: [polled(0)], line: 'm0  not read yet  waited 5 s' },
  {
    rule: 'of several, the one that takes longest',
    all: [falling, ...[1, 2].map((n) => polled(n, ready))],
    line: '2 of 3 ready  m0  ready in ~6 min (2–12)  lag 12 min ↓  waited 5 s',
  },
  {
    rule: 'of several, first one that is not read',
    all: [falling, polled(1, working(90), down), polled(2, ready)],
    line: "1 of 3 ready, 1 can't be read  m1  can't be read for 4 min (network error)",
  },
  {
    rule: 'a lag that rises',
    all: [polled(0, ...[600, 700, 800, 900, 1_000].map(working))],
    line: 'm0  WORKING, no estimate yet  lag 16 min 40 s ↑  waited 5 s',
  },
  {
    rule: 'a failure',
    goal: 'complete',
    all: [polled(0, reads({ status: 'FAILED' }))],
    line: 'm0  failed  waited 5 s',
  },
])('the line shows $rule', ({ goal = 'ready', all, changes, line }) => {
  expect(waitLine(goal, all, { ...usual, ...changes })).toBe(line);
});

test.each([200, 80, 40, 24, 12, 2, 1])('the line is never wider than %i columns', (columns) => {
  for (const all of [
    [falling],
    [wideName],
    [wideName, polled(1, ready)],
    [falling, polled(1, working(9), down)],
  ])
    expect(stringWidth(waitLine('ready', all, { ...usual, columns }))).toBeLessThanOrEqual(columns);
});
