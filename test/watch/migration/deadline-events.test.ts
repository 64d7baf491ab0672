import { expect, test } from 'vitest';
import type { MigrationState } from '../../../src/state/migration-state.ts';
import { applyClock } from '../../../src/watch/migration/apply-poll.ts';
import { deadlineEvents, hasNoticeDue } from '../../../src/watch/migration/deadline-events.ts';
import { initialState } from '../../../src/watch/migration/event-draft.ts';
import { noSamples } from '../../../src/watch/migration/lag-samples.ts';
import { hour, minute, namesOf, orders, policy, start } from '../sample-migrations.ts';

const ready: MigrationState = {
  ...initialState(start),
  observation: { observedAt: start, readyForCutover: true },
  readiness: { since: start, sinceKnown: true },
};

/** What the clock makes due so many hours after readiness began, where polls are a minute apart. */
function dueAt(hours: number, state: MigrationState) {
  return applyClock(
    { target: orders, now: start + hours * hour, intervalMs: minute, samples: noSamples, state },
    state,
    policy,
  );
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
    sentence: 'orders is still ready for cutover; about 2 d 12 h are left, until Sat 28 Nov 23:00 UTC.',
  },
  {
    rule: 'of a migration that cannot be read says when it was last read',
    unread: true,
    sentence:
      'orders was ready for cutover when it was last read, 2 d 12 h ago; about 2 d 12 h are left, until Sat 28 Nov 23:00 UTC.',
  },
])('a reminder $rule', ({ unread, sentence }) => {
  expect(sentencesAt(60, { unread })).toEqual([sentence]);
});

test('a warning says how much time is left, and when the migration was last read', () => {
  expect(sentencesAt(114, { unread: true }).at(-1)).toBe(
    'orders must be cut over soon: about 6 h are left, until Sat 28 Nov 23:00 UTC. Then Atlas stops synchronizing, and it must be restarted from scratch. It was last read 4 d 18 h ago, and was ready then.',
  );
});

test('of warnings that are overdue only the most urgent is emitted, and names the others', () => {
  const { events, state } = dueAt(115, ready);
  expect(events).toMatchObject([
    { event: 'migration.cutover_deadline_near', level: 'warn', threshold: '6h', alsoDue: ['48h', '24h'] },
  ]);
  expect(state.readiness?.warnedMs).toEqual([48, 24, 6].map((hours) => hours * hour));
});

test('after the deadline nothing but that it has passed is emitted', () => {
  expect(namesOf(dueAt(130, ready).events)).toEqual(['migration.cutover_deadline_passed']);
});

test.each([
  {
    rule: 'still reported as ready where it is read',
    unread: false,
    sentence:
      'orders passed its estimated deadline of Sat 28 Nov 23:00:00 UTC, but Atlas still reports it as ready. The window may have been extended in the console: check there, and cut over.',
  },
  {
    rule: 'known to have been ready where it is not',
    unread: true,
    sentence:
      'orders passed its estimated deadline of Sat 28 Nov 23:00:00 UTC. It was last read 5 d ago, and was ready then. Check in the Atlas console whether it has expired, been extended, or been cut over.',
  },
])('a migration past its deadline is $rule', ({ unread, sentence }) => {
  expect(sentencesAt(120, { unread })).toEqual([sentence]);
});

test.each<[string, number, number | undefined]>([
  ['on time', 72, undefined],
  ['two intervals late', 72 + 2 / 60, undefined],
  ['three minutes late', 72 + 3 / 60, 180],
  ['hours late', 75, 10_800],
])(
  'a notice that is reported %s carries how late it is where that is more than two intervals',
  (_, hours, late) => {
    expect(dueAt(hours, ready).events[0]?.lateSeconds).toBe(late);
  },
);

test('once the cutover seems to have begun reminders rest, and warnings say so', () => {
  const begun = {
    ...ready,
    readiness: { since: start, sinceKnown: true, cutover: { withoutLag: 3, startedAt: start } },
  };
  expect(dueAt(60, begun).events).toEqual([]);
  expect(hasNoticeDue(begun, start + 60 * hour, policy)).toBe(false);
  expect(dueAt(72, begun).events).toMatchObject([
    { event: 'migration.cutover_deadline_near', cutoverMayHaveBegun: true },
  ]);
});

test('of a migration that disappeared warnings and the end of its window go on, and reminders rest', () => {
  const gone: MigrationState = { ...ready, settlement: 'DISAPPEARED', settledAt: start + hour };
  expect(dueAt(60, gone).events).toEqual([]);
  expect(hasNoticeDue(gone, start + 72 * hour, policy)).toBe(true);
  expect(dueAt(72, gone).events).toMatchObject([
    { event: 'migration.cutover_deadline_near', lastReadSecondsAgo: 259_200 },
  ]);
  expect(namesOf(dueAt(120, gone).events)).toEqual(['migration.cutover_deadline_passed']);
  expect(dueAt(120, { ...gone, settlement: 'EXPIRED' }).events).toEqual([]);
});

test('a notice has the same id whenever it is reported, and reported again after a correction of the clock another one', () => {
  const idsOf = (state: MigrationState, hours: number) =>
    dueAt(hours, state).events.map(({ event, eventId }) => [event, eventId]);
  const onTime = idsOf(ready, 72);
  expect(onTime.map(([event]) => event)).toEqual(['migration.cutover_deadline_near']);
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
