import { expect, test } from 'vitest';
import { createCronSchedule } from '../../../src/watch/schedule/cron.ts';
import { nextDueAt } from '../../../src/watch/schedule/due-time.ts';
import { monotonicDue } from '../../../src/watch/schedule/poller.ts';
import { pass, pollerOf, start, useFakeClock } from './timed-poller.ts';

useFakeClock();

const hour = 3_600_000;

/** Polls one migration on a schedule for a minute, the wall clock being set after twelve seconds; returns when. */
async function pollsAround(expression: string, stepMs: number): Promise<readonly number[]> {
  const { poller, set, begin, clock, wall, onStart } = pollerOf();
  const schedule = createCronSchedule(expression, 'UTC');
  const polls: number[] = [];
  const setNext = (): void => set('a0', monotonicDue(clock, nextDueAt(schedule, 0, clock.now())));
  onStart.mockImplementation(() => {
    polls.push(Math.round(clock.monotonic() / 100) / 10);
    setNext();
  });
  setNext();
  await begin();
  await pass(12_000);
  wall.aheadMs = stepMs;
  await pass(48_000);
  poller.stop();
  return polls;
}

test('polls at the slots of its schedule', async () => {
  expect((await pollsAround('*/10 * * * * *', 0)).slice(0, 4)).toEqual([9.9, 19.9, 29.9, 39.9]);
});

test.each([
  { rule: 'set back an hour', stepMs: -hour },
  { rule: 'set back twenty seconds', stepMs: -20_000 },
  { rule: 'set forward thirty days', stepMs: 720 * hour },
  { rule: 'set forward seven seconds', stepMs: 7_000 },
  { rule: 'set forward by less than a second', stepMs: 900 },
])('with the clock $rule, polls go on one an interval, and none is made up for', async ({ stepMs }) => {
  const polls = await pollsAround('*/5 * * * * *', stepMs);
  const gaps = polls.slice(1).map((at, index) => at - (polls[index] ?? 0));
  expect(polls.length).toBeGreaterThanOrEqual(10);
  expect(polls.length).toBeLessThanOrEqual(13);
  for (const gap of gaps) expect(gap).toBeLessThanOrEqual(5.2);
});

test.each([
  {
    rule: 'set forward 20 s, each is due that much earlier',
    stepMs: 20_000,
    starts: ['b0 at 1000', 'a0 at 10000'],
  },
  { rule: 'set back 20 s, each stays', stepMs: -20_000, starts: ['b0 at 15000', 'a0 at 30000'] },
  {
    rule: 'set forward a month, each starts within a second, once',
    stepMs: 720 * hour,
    starts: ['a0 at 1000', 'b0 at 1000'],
  },
])('with the clock $rule', async ({ stepMs, starts }) => {
  const { set, begin, wall, started } = pollerOf();
  set('a0', 30_000);
  set('b0', 15_000);
  await begin();
  await pass(500);
  wall.aheadMs = stepMs;
  await pass(60_000);
  expect(started).toEqual(starts);
});

test('a due time that is set right after the clock was set is by the new time', async () => {
  const { set, begin, clock, wall, started } = pollerOf();
  await begin();
  await pass(100);
  wall.aheadMs = 20_000;
  set('a0', monotonicDue(clock, start + 25_000));
  await pass(60_000);
  expect(started).toEqual(['a0 at 5000']);
});

test('a running job that was set again follows the clock as well', async () => {
  const { set, begin, wall, started } = pollerOf({ takesMs: 3_000 });
  set('a0', 0);
  await begin();
  set('a0', 30_000);
  wall.aheadMs = 20_000;
  await pass(60_000);
  expect(started).toEqual(['a0 at 0', 'a0 at 10000']);
});
