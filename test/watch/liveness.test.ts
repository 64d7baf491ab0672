import { expect, test } from 'vitest';
import { type LivenessView, liveness } from '../../src/watch/liveness.ts';

const now = 1_000_000;
const beating: LivenessView = {
  looks: [now - 900, now - 100],
  oldestBegunAt: undefined,
  pollTimeoutMs: 60_000,
  nextStartAt: undefined,
};

test.each<[string, Partial<LivenessView>]>([
  ['before any clock was started', { looks: [] }],
  ['its clocks look, and nothing is under way', {}],
  ['a machine so busy that a look is half a minute late', { looks: [now - 30_000, now] }],
  ['a poll that takes all the time it has, and a little more', { oldestBegunAt: now - 61_000 }],
  ['a poll that waits for its turn', { nextStartAt: now + 300_000 }],
  ['a poll whose turn has come', { nextStartAt: now - 20 }],
])('alive: %s', (_, view) => {
  expect(liveness({ ...beating, ...view }, now)).toEqual({ alive: true });
});

test.each<[string, Partial<LivenessView>, string]>([
  [
    'one clock of several is silent',
    { looks: [now - 45_000, now] },
    'A schedule has not looked at its clock for 45 s, which it does every second.',
  ],
  [
    'a poll does not end',
    { oldestBegunAt: now - 90_100 },
    'A poll has been under way for 90 s; it may take 60 s.',
  ],
  ['a poll does not begin', { nextStartAt: now - 31_000 }, 'A poll was to begin 31 s ago and has not.'],
])('not alive: %s', (_, view, sentence) => {
  const verdict = liveness({ ...beating, ...view }, now);
  expect(verdict).toEqual({
    alive: false,
    reason: `${sentence} Restart the watcher, which loses nothing, and report this.`,
  });
});
