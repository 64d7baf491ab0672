import { expect, test } from 'vitest';
import { type LivenessView, liveness } from '../../src/watch/liveness.ts';

const now = 1_000_000;
const idle: LivenessView = { wokenAt: now - 100, oldestStartedAt: undefined, pollTimeoutMs: 60_000 };

test.each<{ readonly rule: string; readonly view: Partial<LivenessView> }>([
  { rule: 'wakes and has no poll under way', view: {} },
  { rule: 'wakes half a minute late on a busy machine', view: { wokenAt: now - 30_000 } },
  { rule: 'has a poll that takes a little more than its timeout', view: { oldestStartedAt: now - 89_000 } },
])('a watcher is alive that $rule', ({ view }) => {
  expect(liveness({ ...idle, ...view }, now)).toEqual({ alive: true });
});

test.each<{
  readonly rule: string;
  readonly view: Partial<LivenessView>;
  readonly sentence: string;
  readonly seconds: number;
}>([
  {
    rule: 'has not woken for longer',
    view: { wokenAt: now - 45_000 },
    seconds: 45,
    sentence: 'The scheduler has been stuck for 45 s (it should run every second).',
  },
  {
    rule: 'has a poll that does not end',
    view: { oldestStartedAt: now - 90_100 },
    seconds: 90,
    sentence: 'A poll has been running for 90 s (at most 60 s is allowed).',
  },
])('a watcher is not alive that $rule', ({ view, sentence, seconds }) => {
  expect(liveness({ ...idle, ...view }, now)).toEqual({
    alive: false,
    stuckForSeconds: seconds,
    reason: `${sentence} Restart the watcher (no data is lost) and report this as a bug.`,
  });
});
