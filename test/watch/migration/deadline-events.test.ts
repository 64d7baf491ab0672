import { expect, test } from 'vitest';
import { deadlineEvents, hasNoticeDue } from '../../../src/watch/migration/deadline-events.ts';
import { initialState } from '../../../src/watch/migration/event-draft.ts';
import { hour, orders, policy, start } from '../sample-migrations.ts';

const ready = {
  ...initialState(start),
  observation: { observedAt: start, readyForCutover: true },
  readiness: { since: start, sinceKnown: true },
};

/** What is said so many hours after readiness began, by whether the polls since the first hour failed. */
function said(hours: number, unread: boolean): string[] {
  const state = unread
    ? { ...ready, outage: { failures: 9, since: start + hour } }
    : { ...ready, observation: { ...ready.observation, observedAt: start + hours * hour } };
  return deadlineEvents(orders, state, start + hours * hour, policy, undefined).events.map(({ msg }) => msg);
}

test.each([
  [
    'one that is read',
    61,
    false,
    ['orders is still ready for cutover; about 2 d 11 h are left, until 2026-11-28 23:00 UTC.'],
  ],
  [
    'one that cannot be read',
    61,
    true,
    [
      'orders was ready for cutover when it was last read, 2 d 13 h ago; about 2 d 11 h are left, until 2026-11-28 23:00 UTC.',
    ],
  ],
])('a reminder of %s says what is known', (_, hours, unread, sentences) => {
  expect(said(hours, unread)).toEqual(sentences);
});

test('a warning says what is known, and when it was last read', () => {
  expect(said(114, true).at(-1)).toBe(
    'orders must be cut over soon: about 6 h are left, until 2026-11-28 23:00 UTC, and then Atlas stops synchronising and the migration must be started anew. It was last read 4 d 18 h ago, and was ready then.',
  );
});

test('warnings that are late say that the deadline has passed', () => {
  const warnings = said(121, false).filter((msg) => msg.includes('cut over: '));
  expect(warnings).toHaveLength(4);
  expect(new Set(warnings)).toEqual(
    new Set([
      'orders was to be cut over: its estimated deadline passed 1 h ago (2026-11-28 23:00 UTC), after which Atlas stops synchronising unless it was extended in the console.',
    ]),
  );
});

test.each([
  [
    'still ready where it is read',
    false,
    'orders has passed its estimated deadline of 2026-11-28 23:00 UTC, but Atlas still calls it ready: it may have been extended in the console. Look there, and cut over.',
  ],
  [
    'known to have been ready where it is not',
    true,
    'orders has passed its estimated deadline of 2026-11-28 23:00 UTC. It was last read 5 d 1 h ago, and was ready then. Look in the Atlas console whether it has expired, been extended or been cut over.',
  ],
])('what has passed its deadline is called %s', (_, unread, sentence) => {
  expect(said(121, unread).at(-1)).toBe(sentence);
});

test.each([
  [71, []],
  [72, ['reminder', 'deadline_near']],
  [100, ['reminder', 'deadline_near', 'deadline_near']],
])(
  'started after %i h, the first poll an hour before the end tells of which the watcher was down',
  (startedAt, down) => {
    const { events, state } = deadlineEvents(
      orders,
      ready,
      start + 119 * hour,
      policy,
      start + startedAt * hour,
    );
    const names = (some: typeof events) => some.map(({ event }) => event.replace('migration.cutover_', ''));
    expect(names(events.filter((event) => 'whileDown' in event))).toEqual(
      down.filter((name) => name !== 'reminder'),
    );
    expect(events).toHaveLength(5);
    expect(state.readiness?.warnedMs).toHaveLength(4);
  },
);

test('a clock far behind, by which no certificate is valid and nothing can be read, begins no window', () => {
  const behind = start - 9_000 * hour;
  const failing = { ...ready, outage: { failures: 1, since: behind } };
  expect(hasNoticeDue(failing, behind, policy)).toBe(false);
  const unread = deadlineEvents(orders, failing, behind, policy, undefined);
  expect(unread).toEqual({ state: failing, events: [] });
  const read = { ...ready, observation: { ...ready.observation, observedAt: behind } };
  expect(hasNoticeDue(read, behind, policy)).toBe(true);
  expect(deadlineEvents(orders, read, behind, policy, undefined).state.readiness).toEqual({
    since: behind,
    sinceKnown: false,
  });
});
