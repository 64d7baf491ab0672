import { describe, expect, test } from 'vitest';
import { playScript } from '../../src/simulator/scripts.ts';

const START = Date.UTC(2026, 0, 1, 12);
const at = (seconds: number) => START + seconds * 1000;

const play = playScript(
  [
    { atMs: 1000, body: { status: 'NEW' } },
    { atMs: 3000, body: { status: 'WORKING', lagTimeSeconds: 9 }, lag: { fromSeconds: 600, toSeconds: 100 } },
    { atMs: 8000, body: undefined },
    { atMs: 9000, body: { status: 'WORKING' }, lag: { fromSeconds: 50, toSeconds: 3 } },
  ],
  START,
);

describe('a script', () => {
  test.each([
    ['nothing before its first step', 0, undefined],
    ['a step from the moment it begins', 1, { status: 'NEW' }],
    ['the same step until the next one begins', 2.999, { status: 'NEW' }],
    ['the first lag when the lag begins to fall', 3, { status: 'WORKING', lagTimeSeconds: 600 }],
    ['lag in proportion to the time gone by', 5.5, { status: 'WORKING', lagTimeSeconds: 350 }],
    ['whole seconds of lag', 3.333, { status: 'WORKING', lagTimeSeconds: 567 }],
    ['nothing while a step has no body', 8.5, undefined],
    ['the final lag in its last step', 9, { status: 'WORKING', lagTimeSeconds: 3 }],
    ['its last step for ever', 86_400, { status: 'WORKING', lagTimeSeconds: 3 }],
  ])('plays %s', (_, seconds, expected) => {
    expect(play(at(seconds))).toEqual(expected);
  });

  test('without steps has nothing to find', () => {
    expect(playScript([], START)(START)).toBeUndefined();
  });

  test('must be in order of time', () => {
    const steps = [
      { atMs: 0, body: {} },
      { atMs: 2000, body: {} },
      { atMs: 2000, body: {} },
    ];
    expect(() => playScript(steps, START)).toThrow(
      new RangeError('Step 3 of the script does not begin after the one before it.'),
    );
  });
});
