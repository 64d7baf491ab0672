import { expect, it } from 'vitest';
import { applyPoll, type BeforePoll } from '../../../src/watch/migration/apply-poll.ts';
import { initialState } from '../../../src/watch/migration/event-draft.ts';
import { collectSamples, listSamples } from '../../../src/watch/migration/lag-samples.ts';
import { hour, minute, namesOf, orders, policy, resultOf, start } from '../sample-migrations.ts';

const before: BeforePoll = {
  target: orders,
  state: {
    ...initialState(start),
    known: { status: 'WORKING', readyForCutover: true, migrationHosts: ['a'] },
    observation: { observedAt: start, status: 'WORKING', readyForCutover: true },
    readiness: { since: start, sinceKnown: true },
  },
  samples: collectSamples([{ observedAt: start, lagTimeSeconds: 40 }]),
  cadence: 'approaching',
  now: start + 73 * hour,
  startedAt: start + 73 * hour,
  resumed: false,
  downUntil: undefined,
};

it('one poll gives what it observed and what the clock made due, in the order of the catalogue', () => {
  const reading = { status: 'WORKING', readyForCutover: true, migrationHosts: ['b'], lagTimeSeconds: 7 };
  const after = applyPoll(before, resultOf(reading), policy);
  expect(namesOf(after.events)).toEqual([
    'migration.cutover_reminder',
    'migration.cutover_deadline_near',
    'migration.hosts_changed',
  ]);
  expect(after.sample).toEqual({ observedAt: before.now, lagTimeSeconds: 7 });
  expect(listSamples(after.samples)).toEqual([after.sample]);
});

it('a poll that fails leaves samples and schedule as they were, and reports what the clock made due', () => {
  const after = applyPoll({ ...before, startedAt: before.now - minute }, resultOf('timeout'), policy);
  expect([after.samples, after.cadence, after.sample]).toEqual([before.samples, before.cadence, undefined]);
  expect(after.events).toMatchObject([
    { event: 'migration.cutover_reminder', lastReadSecondsAgo: 73 * 3_600 },
    { event: 'migration.cutover_deadline_near', lastReadSecondsAgo: 73 * 3_600 },
  ]);
  expect(after.state).toMatchObject({ outage: { failures: 1, since: before.now - minute } });
});
