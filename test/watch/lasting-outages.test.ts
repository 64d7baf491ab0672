import { describe, expect, test } from 'vitest';
import { advance, useVirtualTime, type WatcherHarness } from './harness.ts';
import {
  another,
  failAll,
  firstProject,
  fleet,
  one,
  readFleet,
  recover,
  reportsOf,
  third,
  working,
} from './outage-fleet.ts';
import { minute } from './sample-migrations.ts';

useVirtualTime();

/** Three migrations of one project, whose outage was reported. */
async function failedFleet() {
  const fleetOfThree = await readFleet([one, another, third]);
  failAll(fleetOfThree.atlas);
  await advance(4 * minute);
  expect(reportsOf(fleetOfThree.harness.events)).toEqual(['down account (3)']);
  fleetOfThree.harness.events.length = 0;
  return fleetOfThree;
}

describe('an outage of a scope', () => {
  test.each<{
    readonly rule: string;
    readonly change: (harness: WatcherHarness) => Promise<void>;
    /** In the steps after the change: nothing happens, all answer. */
    readonly reports: readonly [string[], string[]];
  }>([
    {
      rule: 'goes on after a restart and is not reported again',
      change: (harness) => harness.restart(),
      reports: [[], ['up account (3)']],
    },
    {
      rule: 'goes on after a long time in which the watcher did not run',
      change: (harness) => harness.restart(undefined, 60 * minute),
      reports: [[], ['up account (3)']],
    },
    {
      rule: 'ends once although a member has left the configuration',
      change: (harness) => harness.reload([another, third]),
      reports: [[], ['up account (3)']],
    },
    {
      rule: 'ends once although a member has left the configuration while the watcher did not run',
      change: (harness) => harness.restart([another, third]),
      reports: [[], ['up account (3)']],
    },
    {
      rule: 'ends where one member is left, which is then reported for itself',
      change: (harness) => harness.reload([third]),
      reports: [['up account (3)', 'down m2'], ['up m2']],
    },
    {
      rule: 'ends where a start leaves one member, which is then reported for itself',
      change: (harness) => harness.restart([third]),
      reports: [['up account (3)', 'down m2'], ['up m2']],
    },
    {
      rule: 'covers a migration that is added while it lasts',
      change: (harness) => harness.reload([one, another, third, ...fleet.slice(20, 22)]),
      reports: [[], ['up account (3)']],
    },
  ])('$rule', async ({ change, reports: [before, after] }) => {
    const { harness, atlas } = await failedFleet();
    await change(harness);
    await advance(5 * minute);
    expect(reportsOf(harness.events)).toEqual(before);
    recover(atlas);
    await advance(4 * minute);
    expect(reportsOf(harness.events)).toEqual([...before, ...after]);
    expect(harness.faults).toEqual([]);
  });

  test.each([20_000, 70_000])('that began %i ms before a restart is reported once', async (failedMs) => {
    const { harness, atlas } = await readFleet(fleet);
    failAll(atlas);
    await advance(failedMs);
    await harness.restart(undefined, 10 * minute);
    await advance(4 * minute);
    expect(reportsOf(harness.events)).toEqual(['down account (100)']);
  });
});

test('an outage of a project ends when a reload removes the project', async () => {
  const { harness, atlas } = await readFleet(fleet);
  atlas.answer(firstProject, 'forbidden');
  await advance(4 * minute);
  await harness.reload(fleet.slice(firstProject.length));
  await advance(1_000);
  expect(reportsOf(harness.events)).toEqual(['down project 0 (20)', 'up project 0 (20)']);
});

test('an outage of a scope that begins again after a restart, with the same first failure, has an id of its own', async () => {
  const { harness, atlas } = await readFleet([one, another, third]);
  failAll(atlas);
  await advance(4 * minute);
  atlas.answer([one, another], working);
  while (!reportsOf(harness.events).includes('up account (3)')) await advance(100);
  failAll(atlas);
  await harness.restart();
  await advance(4 * minute);
  expect(reportsOf(harness.events)).toEqual(['down account (3)', 'up account (3)', 'down account (3)']);
  const outages = harness.events.filter(({ event }) => event === 'watcher.unreachable');
  expect(outages[1]).toMatchObject({ since: (outages[0] as { since?: string }).since });
  expect(outages[1]?.eventId).not.toBe(outages[0]?.eventId);
});
