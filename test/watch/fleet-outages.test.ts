import { describe, expect, test } from 'vitest';
import type { Target } from '../../src/watch/migration/target.ts';
import { advance, intervalMs, useVirtualTime, WatcherHarness } from './harness.ts';
import {
  another,
  failAll,
  firstProject,
  fleet,
  one,
  readFleet,
  recover,
  reportsOf,
  targetsIn,
  third,
  working,
} from './outage-fleet.ts';
import { minute, type Outcome } from './sample-migrations.ts';
import { ScriptedAtlas } from './scripted-atlas.ts';

useVirtualTime();

interface Scenario {
  readonly rule: string;
  readonly targets: readonly Target[];
  /** What happens after all were read, one step every four minutes unless `stepMs` says otherwise. */
  readonly steps: readonly ((atlas: ScriptedAtlas) => unknown)[];
  readonly stepMs?: number;
  readonly reports: readonly string[];
}

describe('what a fleet reports', () => {
  test.each<Scenario>([
    {
      rule: 'an outage of all migrations is one of the account',
      targets: fleet,
      steps: [failAll, recover],
      reports: ['down account (100)', 'up account (100)'],
    },
    {
      rule: 'errors of different types are one outage',
      targets: fleet,
      steps: [
        (atlas) =>
          atlas.answerAll('network').answer(
            fleet.filter((_, index) => index % 2 === 0),
            'server_error',
          ),
        recover,
      ],
      reports: ['down account (100)', 'up account (100)'],
    },
    {
      rule: 'an outage of 99 of 100 migrations is one of the account',
      targets: fleet,
      steps: [(atlas) => atlas.answerAll('network').answer([one], working), recover],
      reports: ['down account (99)', 'up account (99)'],
    },
    {
      rule: 'a project that is forbidden is one outage of the project',
      targets: fleet,
      steps: [(atlas) => atlas.answer(firstProject, 'forbidden'), recover],
      reports: ['down project 0 (20)', 'up project 0 (20)'],
    },
    {
      rule: 'a successful poll in the middle of an outage does not end it',
      targets: fleet,
      steps: [failAll, (atlas) => atlas.answer([one], working), failAll, recover],
      reports: ['down account (100)', 'up account (100)'],
    },
    {
      rule: 'nor does one before the outage is reported make it an outage of each',
      targets: fleet,
      steps: [failAll, (atlas) => atlas.answer([one], working), failAll, failAll, failAll, recover],
      stepMs: intervalMs,
      reports: ['down account (100)', 'up account (100)'],
    },
    {
      rule: 'a migration that fails alone is reported for itself',
      targets: fleet,
      steps: [(atlas) => atlas.answer([one], 'network'), recover],
      reports: ['down m0', 'up m0'],
    },
    {
      rule: 'three of twenty migrations of a project are reported for themselves',
      targets: fleet,
      steps: [(atlas) => atlas.answer([one, another, third], 'network'), recover],
      reports: ['down m2', 'down m0', 'down m1', 'up m2', 'up m0', 'up m1'],
    },
    {
      rule: 'an outage of both of two migrations is one of the account',
      targets: [one, another],
      steps: [failAll, recover],
      reports: ['down account (2)', 'up account (2)'],
    },
    {
      rule: 'an outage of the only migration is its own',
      targets: [one],
      steps: [failAll, recover],
      reports: ['down m0', 'up m0'],
    },
    {
      rule: 'what still fails when its scope has recovered is reported for itself',
      targets: [one, another, third],
      steps: [failAll, (atlas) => atlas.answer([another, third], working), recover],
      reports: ['down account (3)', 'up account (3)', 'down m0', 'up m0'],
    },
    {
      rule: 'an outage of all, behind one of a migration that was reported for itself, is reported as well',
      targets: [one, another, third],
      steps: [(atlas) => atlas.answer([one], 'server_error'), failAll, recover],
      reports: ['down m0', 'down account (3)', 'up m0', 'up account (3)'],
    },
    {
      rule: 'and it ends for all but the migration that still fails, which is not reported again',
      targets: fleet,
      steps: [
        (atlas) => atlas.answer([one], 'forbidden'),
        (atlas) => atlas.answerAll('server_error').answer([one], 'forbidden'),
        (atlas) => atlas.answerAll(working).answer([one], 'forbidden'),
        recover,
      ],
      reports: ['down m0', 'down account (100)', 'up account (100)', 'up m0'],
    },
    {
      rule: 'a migration that has disappeared belongs to no outage of others',
      targets: [one, another, third],
      steps: [
        (atlas) => atlas.answer([one], 'not_found'),
        (atlas) => atlas.answer([another, third], 'network'),
        recover,
      ],
      stepMs: 12 * minute,
      reports: ['down m0', 'up m0', 'down account (2)', 'up account (2)'],
    },
  ])('$rule', async ({ targets, steps, stepMs = 4 * minute, reports }) => {
    const { harness, atlas } = await readFleet(targets);
    for (const step of steps) {
      step(atlas);
      await advance(stepMs);
    }
    expect(reportsOf(harness.events)).toEqual(reports);
    expect(harness.faults).toEqual([]);
  });
});

/** The fields of an event that are about one migration. */
const migrationFields = `migration liveMigrationId labels status readyForCutover lagTimeSeconds migrationHosts
  observedAt previous failures`.split(/\s+/);

test('the events of a scope have its fields, none of a migration, and ids of their own', async () => {
  const { harness, atlas } = await readFleet(fleet);
  for (const outcome of ['network', working] as const) {
    atlas.answer(firstProject, outcome);
    await advance(4 * minute);
    atlas.answerAll(outcome);
    await advance(4 * minute);
  }
  const events = harness.events.filter((record) => 'scope' in record);
  expect(events).toMatchObject([
    {
      event: 'watcher.unreachable',
      scope: 'project',
      groupId: one.groupId,
      migrations: 20,
      errorType: 'network',
    },
    { event: 'watcher.unreachable', scope: 'account', migrations: 100, errorType: 'network' },
    { event: 'watcher.recovered', scope: 'project', groupId: one.groupId, migrations: 20 },
    { event: 'watcher.recovered', scope: 'account', migrations: 100 },
  ]);
  for (const event of events) for (const field of migrationFields) expect(event).not.toHaveProperty(field);
  expect(events[1]).not.toHaveProperty('groupId');
  expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(4);
});

test('migrations that are polled rarely are polled at once to find out how far an outage goes', async () => {
  const four = targetsIn(1, 4);
  const near: Outcome = { status: 'WORKING', readyForCutover: false, lagTimeSeconds: 30 };
  const atlas = new ScriptedAtlas().answer(four.slice(0, 2), near).answer(four.slice(2), working);
  const schedules = { default: '0 */20 * * * *' };
  const harness = await WatcherHarness.start({ client: atlas, targets: four, schedules });
  await advance(2 * minute);
  const beganAt = performance.now();
  failAll(atlas);
  await advance(3 * minute);
  expect(reportsOf(harness.events)).toEqual(['down account (4)']);
  for (const rare of four.slice(2)) {
    const calls = atlas.callsOf(rare).filter(({ at }) => at >= beganAt);
    expect(calls).toHaveLength(1);
  }
});

test('a reminder comes as often as configured, for the scope that was reported', async () => {
  const policy = { outageRemindEveryMs: 10 * minute };
  const { harness, atlas } = await readFleet([one, another], { policy });
  failAll(atlas);
  await advance(25 * minute);
  const outages = harness.events.filter(({ event }) => event === 'watcher.unreachable');
  expect(outages).toMatchObject([
    { scope: 'account' },
    { reminder: true },
    { reminder: true, scope: 'account' },
  ]);
  expect(outages[0]).not.toHaveProperty('reminder');
});
