import { expect, test } from 'vitest';
import { adviceOf } from '../../../src/page/detail/advice.ts';
import { scheduleText } from '../../../src/page/detail/schedule-text.ts';
import type { MigrationView } from '../../../src/server/migration-view.ts';
import { sampleEvent } from '../../events/sample-events.ts';

const now = Date.UTC(2026, 10, 28, 12);
const iso = (hours: number) => new Date(now + hours * 3_600_000).toISOString();
const when = (isoTime: string) => `<${isoTime.slice(5, 16)}>`;
const read: MigrationView = {
  migration: 'orders',
  groupId: 'a',
  liveMigrationId: 'b',
  status: 'WORKING',
  observedAt: iso(-0.001),
  reachable: true,
  intervalSeconds: 30,
  lagTimeSeconds: 240,
};
const ready: MigrationView = {
  ...read,
  readyForCutover: true,
  readySince: iso(-2),
  readySinceKnown: true,
  deadline: iso(118),
  deadlineEstimated: true,
};
const outage = { since: iso(-3), failures: 24, errorType: 'forbidden' as const, remedy: 'Give the role.' };
const adviceFor = (view: MigrationView) => adviceOf({ view, now, when });

test('what is ready has the time left, the end of the window, how to cut over, and why it is an estimate', () => {
  const { main, text, steps, why, inAtlas, pressing } = adviceFor(ready);
  expect([main, text]).toEqual(['4 d 22 h left', 'Ready for cutover. Cut over before <12-03T10:00>.']);
  expect(steps.join(' ')).toMatch(/Stop all writes.+lag is 0 s.+Cut over in Atlas.+Point the applications/);
  expect(why).toBe(
    'The end is an estimate: 120 h from <11-28T10:00>, when it was first seen ready. Atlas shows neither its timer nor an extension. State an extension with cutover-watch extend orders --by 48h.',
  );
  expect([inAtlas, pressing]).toEqual([true, undefined]);
});

test('what may have been ready before it was seen says so, and a stated end is no estimate', () => {
  expect(adviceFor({ ...ready, readySinceKnown: false }).why).toMatch(/less time may be left\. State an/);
  const { deadlineEstimated: _, ...stated } = ready;
  expect(adviceFor(stated).why).toBeUndefined();
  const byAnna = { ...stated, deadlineSource: 'operator', deadlineAuthor: 'anna' } as const;
  expect(adviceFor(byAnna).text).toBe('Ready for cutover. Cut over before <12-03T10:00> (stated by anna).');
  expect(adviceFor({ ...byAnna, deadline: iso(-5) }).text).toMatch(
    /^The window ended <11-28T07:00> \(stated by anna\)\./,
  );
});

test.each([
  [25, undefined],
  [23, 'soon'],
  [5, 'now'],
])('with %d h left the time presses: %s', (hours, pressing) => {
  expect(adviceFor({ ...ready, deadline: iso(hours) }).pressing).toBe(pressing);
});

test('what was ready when it was last read says how old that is', () => {
  const old = { ...ready, observedAt: iso(-3), reachable: false, outage };
  expect(adviceFor(old).text).toMatch(/It was ready when it was last read, 3 h ago\.$/);
});

test('overdue has how late it is, and what to check', () => {
  const { main, text, steps } = adviceFor({ ...ready, readySince: iso(-125), deadline: iso(-5) });
  expect(main).toBe('Overdue by 5 h');
  expect(text).toBe('The window ended <11-28T07:00> (estimate). Atlas still reports it as ready.');
  expect(steps).toHaveLength(3);
});

test.each([
  [
    'FAILED',
    'Failed',
    'Restart it in Atlas. See Atlas for the reason: the API gives none. Seen <11-28T11:00>.',
  ],
  ['EXPIRED', 'Expired', 'Not cut over in time: restart it in Atlas. Seen <11-28T11:00>.'],
  [
    'DISAPPEARED',
    'No longer in Atlas',
    'Atlas answers 404: it was probably canceled there. Remove it from the configuration, or check in Atlas. Seen <11-28T11:00>.',
  ],
  ['COMPLETE', 'Done', 'Cut over, seen <11-28T11:00>. Nothing to do.'],
])('one that ended as %s says what to do', (settlement, main, text) => {
  expect(adviceFor({ ...read, settlement, settledAt: iso(-1) })).toMatchObject({ main, text });
});

test.each<[string, MigrationView, main: string, text: string]>([
  [
    "can't be read",
    { ...read, observedAt: iso(-3), reachable: false, outage: { ...outage, httpStatus: 403 } },
    "Can't be read",
    'Since <11-28T09:00>: access denied (HTTP 403). 24 polls failed. Last read 3 h ago.',
  ],
  [
    'is held back',
    { ...read, observedAt: iso(-3), reachable: false, outage: { ...outage, failures: 0 } },
    "Can't be read",
    'Since <11-28T09:00>: access denied. It is not polled itself while others of its project or account fail. Last read 3 h ago.',
  ],
  [
    'was never read',
    { migration: 'm', groupId: 'a', liveMigrationId: 'b', outage: { ...outage, failures: 1 } },
    "Can't be read",
    'Since <11-28T09:00>: access denied. 1 poll failed. It has never been read.',
  ],
  [
    'is not read yet',
    { migration: 'm', groupId: 'a', liveMigrationId: 'b', intervalSeconds: 30 },
    'Not read yet',
    'The first poll is due within 30 s. Nothing is known until then.',
  ],
  [
    'is copied without a lag',
    { ...read, lagTimeSeconds: undefined } as unknown as MigrationView,
    'Copying',
    'Initial copy: Atlas reports no lag yet. Nothing to do.',
  ],
  [
    'has no estimate yet',
    { ...read, lagTrendPerMinute: -45 },
    'Estimating…',
    'The lag is 4 min, falling 45 s/min. Nothing to do until it is ready.',
  ],
  [
    'has an estimate',
    { ...read, readyInSeconds: 1_080, readyInSecondsRange: [900, 1_380] },
    'Ready in about 18 min',
    'The lag is 4 min. Nothing to do until it is ready.',
  ],
  [
    'has an old estimate',
    { ...read, observedAt: iso(-6), readyInSeconds: 1_080, readyInSecondsRange: [900, 1_800] },
    'No estimate now',
    'Last read 6 h ago. Then it was expected by <11-28T06:30>.',
  ],
  [
    'waits',
    { ...read, status: 'NEW', lagTimeSeconds: undefined } as unknown as MigrationView,
    'Waiting',
    'Atlas status NEW: the copy has not begun. Nothing to do.',
  ],
])('one that %s says what is known', (_, view, main, text) => {
  expect(adviceFor(view)).toMatchObject({ main, text });
});

test('a stall has its evidence', () => {
  const stall = sampleEvent('migration.lag_stalled', { lagThenSeconds: 235 });
  const { main, text } = adviceOf({ view: { ...read, stalledForSeconds: 2_520 }, now, when, stall });
  expect(main).toBe('Stalled for 42 min');
  expect(text).toBe('Its lag has not come down for that long (3 min 55 s then, 4 min now).');
});

test.each<[Partial<MigrationView>, string]>([
  [{ cadence: 'approaching', intervalSeconds: 10 }, 'Polled every 10 s (near ready)'],
  [{ cadence: 'default', intervalSeconds: 90 }, 'Polled every 1 min 30 s'],
  [{ settlement: 'DISAPPEARED' }, 'Read every 10 min, in case it comes back'],
  [{ settlement: 'COMPLETE' }, 'Ended: read once an hour for a week'],
])('a schedule is told in words: %o', (view, text) => {
  expect(scheduleText({ migration: 'm', groupId: 'a', liveMigrationId: 'b', ...view })).toBe(text);
});
