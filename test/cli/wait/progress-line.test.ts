import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { waitLine } from '../../../src/cli/wait/progress-line.ts';
import type { Waited } from '../../../src/cli/wait/waited.ts';
import { minute, start } from '../../watch/sample-migrations.ts';
import { down, polled, ready, working } from './polled.ts';

const times = { now: start + 5 * minute, elapsedMs: 5 * minute, leftMs: 60 * minute };
const falling = polled(0, ...[1_200, 1_080, 960, 840, 720].map(working));
const wideName = { ...falling, target: { ...falling.target, name: 'サーバーの移行' } };
const asIs = (text: string): string => text;

test.each<[string, readonly Waited[], number, RegExp]>([
  [
    'one, with its trend and estimate',
    [falling],
    120,
    /^m0: WORKING, 12 min behind, falling 120 s\/min, ready in [^[]+ min \[5 min, 1 h left\]$/,
  ],
  [
    'two that fit',
    [falling, polled(1, ready)],
    120,
    /^m0: WORKING, 12 min behind; m1: ready \[5 min, 1 h left\]$/,
  ],
  [
    'two that fit, one unreadable and one not read yet',
    [polled(0, working(90), down), polled(1)],
    80,
    /^m0: can't be read; m1: not read yet \[5 min, 1 h left\]$/,
  ],
  [
    'many, by the one that is unreadable',
    [falling, polled(1, working(90), down), polled(2, ready)],
    60,
    /^1 of 3 ready, 1 can't be read; m1: un.*… \[5 min, 1 h left\]$/,
  ],
  ['one that is unreadable', [polled(0, working(90), down)], 120, /^m0: unreadable for 4 min \(Gone\.\) \[/],
  [
    'many, by the one that takes longest',
    [falling, ...[1, 2, 3, 4, 5].map((n) => polled(n, ready))],
    90,
    /^5 of 6 ready; m0: WORKING/,
  ],
])('the line shows %s', (_, all, columns, expected) => {
  const line = waitLine('ready', all, { ...times, columns, clean: asIs });
  expect(line).toMatch(expected);
  expect(stringWidth(line)).toBeLessThanOrEqual(columns);
});

test.each([200, 80, 40, 24, 12, 2, 1])('the line is never wider than %i columns', (columns) => {
  for (const all of [
    [falling],
    [wideName],
    [wideName, polled(1, ready)],
    [falling, polled(1, working(9), down)],
  ])
    expect(stringWidth(waitLine('ready', all, { ...times, columns, clean: asIs }))).toBeLessThanOrEqual(
      columns,
    );
});

test('a wait for completion says what is ready for cutover', () => {
  const all = [polled(0, ready)];
  expect(waitLine('complete', all, { ...times, leftMs: undefined, columns: 120, clean: asIs })).toBe(
    'm0: WORKING, ready for cutover, 3 s behind [5 min]',
  );
});
