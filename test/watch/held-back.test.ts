import { describe, expect, test } from 'vitest';
import type { Target } from '../../src/watch/migration/target.ts';
import { advance, useVirtualTime, WatcherHarness } from './harness.ts';
import { fleet, readFleet, recover, reportsOf, targetsIn, working } from './outage-fleet.ts';
import { minute, targetOf } from './sample-migrations.ts';
import { ScriptedAtlas } from './scripted-atlas.ts';

useVirtualTime();

const five = fleet.slice(0, 5);

/** How often each migration is polled while `ms` go by. */
async function pollsWithin(ms: number, atlas: ScriptedAtlas, targets: readonly Target[] = five) {
  const since = performance.now();
  await advance(ms);
  return targets.map((target) => atlas.callsOf(target).filter(({ at }) => at >= since).length);
}

/** Returns whether a promise has resolved after `ms`. */
async function within(ms: number, promise: Promise<void>): Promise<'ended' | 'pending'> {
  return await Promise.race([
    promise.then(() => 'ended' as const),
    advance(ms).then(() => 'pending' as const),
  ]);
}

async function refusedFleet() {
  const { harness, atlas } = await readFleet(five);
  atlas.answerAll('unauthorized');
  await advance(10 * minute);
  return { harness, atlas };
}

describe('after refused credentials', () => {
  test('every migration is polled on its schedule again', async () => {
    const { harness, atlas } = await refusedFleet();
    recover(atlas);
    await advance(2 * minute);
    expect(await pollsWithin(5 * minute, atlas)).toEqual([10, 10, 10, 10, 10]);
    expect(reportsOf(harness.events)).toEqual(['down account (5)', 'up account (5)']);
  });

  test.each(['timeout', working] as const)(
    'every migration is polled again although the poll of the probe ends after a reload (%o)',
    async (outcome) => {
      const { harness, atlas } = await refusedFleet();
      atlas.answerAll(undefined);
      await advance(70_000);
      const probe = atlas.calls.at(-1);
      await harness.reload(five);
      await advance(1_000);
      probe?.answer(outcome);
      atlas.answerAll(working);
      await advance(2 * minute);
      expect(await pollsWithin(5 * minute, atlas)).toEqual([10, 10, 10, 10, 10]);
      expect(reportsOf(harness.events)).toEqual(['down account (5)', 'up account (5)']);
    },
  );

  test('the first round of a new start ends, although most migrations are held back', async () => {
    const { harness } = await refusedFleet();
    await harness.restart();
    await expect(within(2 * minute, harness.watcher.firstRound)).resolves.toBe('ended');
  });
});

test('credentials that some projects accept hold back no migration of those', async () => {
  const targets = targetsIn(5, 2);
  const atlas = new ScriptedAtlas().answerAll(working).answer(targets.slice(0, 8), 'unauthorized');
  const harness = await WatcherHarness.start({ client: atlas, targets });
  await advance(10 * minute);
  const down = [0, 1, 2, 3].map((project) => `down project ${project} (2)`);
  expect(reportsOf(harness.events).toSorted()).toEqual(down);
  const [one, another] = targets.slice(8) as [Target, Target];
  expect(await pollsWithin(5 * minute, atlas, [one, another])).toEqual([10, 10]);
});

test('credentials that are refused during another outage are reported, and probed by one migration', async () => {
  const targets = targetsIn(2, 5);
  const { harness, atlas } = await readFleet(targets);
  atlas.answerAll('network');
  await advance(10 * minute);
  atlas.answerAll('unauthorized');
  await advance(10 * minute);
  const reports = harness.events.filter(({ event }) => event === 'watcher.unreachable');
  expect(reports).toMatchObject([{ errorType: 'network' }, { errorType: 'unauthorized', reminder: true }]);
  const polls = await pollsWithin(10 * minute, atlas, targets);
  expect(polls.reduce((sum, each) => sum + each)).toBe(10);
  recover(atlas);
  await advance(2 * minute);
  expect(reportsOf(harness.events)).toEqual(['down account (10)', 'up account (10)']);
});

test('a migration that the former watcher still polls is not polled by the next one too', async () => {
  const { harness, atlas } = await readFleet(five);
  atlas.answerAll(undefined);
  await advance(20_000);
  const [first] = atlas.calls;
  await harness.reload(five);
  first?.answer('forbidden');
  await advance(30_000);
  expect(atlas.mostOfOne).toBe(1);
});

test('a first round that a reload cuts short ends with the polls that had begun', async () => {
  const atlas = new ScriptedAtlas().answerAll(working);
  const harness = await WatcherHarness.start({ client: atlas, targets: five, requestsPerMinute: 10 });
  const { firstRound } = harness.watcher;
  await harness.reload(five);
  await expect(within(1_000, firstRound)).resolves.toBe('ended');
});

test('a network fault and one 404 of a migration that was seen are no outage yet', async () => {
  const targets = [targetOf(1), targetOf(2)];
  const { harness, atlas } = await readFleet(targets);
  atlas.answer(targets.slice(0, 1), 'network');
  await advance(31_000);
  atlas.answer(targets.slice(0, 1), 'not_found');
  await advance(20_000);
  expect(reportsOf(harness.events)).toEqual([]);
});

test('a scope of which a settled migration leaves one does not blame a reload', async () => {
  const targets = [targetOf(1), targetOf(2)];
  const { harness, atlas } = await readFleet(targets);
  atlas.answerAll('network');
  await advance(10 * minute);
  atlas.answer(targets.slice(0, 1), 'not_found');
  await advance(15 * minute);
  const recovered = harness.events.filter(({ event }) => event === 'watcher.recovered');
  expect(recovered.at(-1)).toMatchObject({ scope: 'account', endedBy: 'settled' });
});
