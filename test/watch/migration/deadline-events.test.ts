import { expect, test } from 'vitest';
import type { MigrationState } from '../../../src/state/migration-state.ts';
import { applyClock } from '../../../src/watch/migration/apply-poll.ts';
import { deadlineEvents, hasNoticeDue } from '../../../src/watch/migration/deadline-events.ts';
import { initialState } from '../../../src/watch/migration/event-draft.ts';
import { hour, orders, policy, start } from '../sample-migrations.ts';

const ready: MigrationState = {
  ...initialState(start),
  observation: { observedAt: start, readyForCutover: true },
  readiness: { since: start, sinceKnown: true },
};

/** What the clock makes due so many hours after readiness began. */
function dueAt(hours: number, state: MigrationState, downUntil?: number) {
  const context = { target: orders, now: start + hours * hour, resumed: false, downUntil, state };
  return applyClock(context, state, policy);
}

/** The same as sentences, by whether the polls since the first hour failed. */
function sentencesAt(hours: number, { unread }: { readonly unread: boolean }): string[] {
  const outage = { failures: 9, since: start + hour, errorType: 'network' as const };
  const observation = { ...ready.observation, observedAt: start + hours * hour };
  return dueAt(hours, { ...ready, ...(unread ? { outage } : { observation }) }).events.map(({ msg }) => msg);
}

test.each([
  {
    rule: 'of a migration that is read says that it is still ready',
    unread: false,
    sentence: 'orders is still ready for cutover; about 2 d 11 h are left, until 2026-11-28 23:00 UTC.',
  },
  {
    rule: 'of a migration that cannot be read says when it was last read',
    unread: true,
    sentence:
      'orders was ready for cutover when it was last read, 2 d 13 h ago; about 2 d 11 h are left, until 2026-11-28 23:00 UTC.',
  },
])('a reminder $rule', ({ unread, sentence }) => {
  expect(sentencesAt(61, { unread })).toEqual([sentence]);
});

test('a warning says how much time is left, and when the migration was last read', () => {
  expect(sentencesAt(114, { unread: true }).at(-1)).toBe(
    'orders must be cut over soon: about 6 h are left, until 2026-11-28 23:00 UTC. Then Atlas stops synchronizing, and the migration must be started again. It was last read 4 d 18 h ago, and was ready then.',
  );
});

test('warnings that are late say that the deadline has passed', () => {
  const warnings = sentencesAt(121, { unread: false }).filter((msg) => msg.includes('overdue'));
  expect(warnings).toHaveLength(4);
  expect(new Set(warnings)).toEqual(
    new Set([
      'orders is overdue for cutover: its estimated deadline passed 1 h ago (2026-11-28 23:00 UTC). Atlas has stopped synchronizing unless the window was extended in the console.',
    ]),
  );
});

test.each([
  {
    rule: 'still reported as ready where it is read',
    unread: false,
    sentence:
      'orders passed its estimated deadline of 2026-11-28 23:00 UTC, but Atlas still reports it as ready. The window may have been extended in the console: check there, and cut over.',
  },
  {
    rule: 'known to have been ready where it is not',
    unread: true,
    sentence:
      'orders passed its estimated deadline of 2026-11-28 23:00 UTC. It was last read 5 d 1 h ago, and was ready then. Check in the Atlas console whether it has expired, been extended, or been cut over.',
  },
])('a migration past its deadline is $rule', ({ unread, sentence }) => {
  expect(sentencesAt(121, { unread }).at(-1)).toBe(sentence);
});

test.each([
  { startedAfter: 71, whileDown: [] },
  { startedAfter: 72, whileDown: ['deadline_near'] },
  { startedAfter: 100, whileDown: ['deadline_near', 'deadline_near'] },
])('started after $startedAfter h, a run marks what was due before it', ({ startedAfter, whileDown }) => {
  const { events, state } = dueAt(119, ready, start + startedAfter * hour);
  const marked = events.filter((event) => 'whileDown' in event);
  expect(marked.map(({ event }) => event.replace('migration.cutover_', ''))).toEqual(whileDown);
  expect(events).toHaveLength(5);
  expect(state.readiness?.warnedMs).toHaveLength(4);
});

test('a notice has the same id whenever it is reported, and reported again after a correction of the clock another one', () => {
  const idsOf = (state: MigrationState, hours: number) =>
    dueAt(hours, state).events.map(({ event, eventId }) => [event, eventId]);
  const onTime = idsOf(ready, 72);
  expect(onTime.map(([event]) => event)).toEqual([
    'migration.cutover_reminder',
    'migration.cutover_deadline_near',
  ]);
  expect(idsOf(ready, 75)).toEqual(onTime);
  const tooEarly = dueAt(72, ready).state;
  const corrected = dueAt(1, tooEarly).state;
  expect(corrected.readiness?.correctedAt).toBe(start + hour);
  const again = idsOf(corrected, 72);
  expect(again.map(([event]) => event)).toEqual(onTime.map(([event]) => event));
  expect(again).not.toEqual(onTime);
});

test('a clock far behind, by which no certificate is valid and nothing can be read, begins no window', () => {
  const behind = start - 9_000 * hour;
  const outage = { failures: 1, since: behind, errorType: 'tls' as const };
  const failing = { ...ready, outage };
  expect(hasNoticeDue(failing, behind, policy)).toBe(false);
  expect(deadlineEvents(failing, behind, policy)).toEqual({ state: failing, drafts: [] });
  const read = { ...ready, observation: { ...ready.observation, observedAt: behind } };
  expect(hasNoticeDue(read, behind, policy)).toBe(true);
  expect(deadlineEvents(read, behind, policy).state.readiness).toEqual({ since: behind, sinceKnown: false });
});
