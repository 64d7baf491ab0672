import { describe, expect, test } from 'vitest';
import type { Target } from '../../src/watch/migration/target.ts';
import { advance, useVirtualTime, WatcherHarness } from './harness.ts';
import { firstProject, fleet, one, readFleet, recover, reportsOf, working } from './outage-fleet.ts';
import { minute, namesOf, start } from './sample-migrations.ts';
import { ScriptedAtlas } from './scripted-atlas.ts';

useVirtualTime();

describe('refused credentials', () => {
  test('are reported once, and tried by one migration after 5, 10, 20 and 40 s, then every minute', async () => {
    const atlas = new ScriptedAtlas().answerAll('unauthorized');
    const harness = await WatcherHarness.start({ client: atlas, targets: fleet });
    await advance(4 * minute);
    expect(reportsOf(harness.events)).toEqual(['down account (100)']);
    const probe = atlas.calls.at(-1)?.id ?? one;
    const times = atlas.callsOf(probe).map(({ at }) => Math.round(at / 1000));
    expect(times).toEqual([0, 5, 15, 35, 75, 135, 195]);
    const others = atlas.calls.filter(
      ({ id, at }) => id.liveMigrationId !== probe.liveMigrationId && at > 6_000,
    );
    expect(others).toEqual([]);
  });

  test('of an hour cost no more events than polls, and every refusal has the credentials read again', async () => {
    const { harness, atlas } = await readFleet(fleet);
    atlas.answerAll('unauthorized');
    await advance(60 * minute);
    const failed = harness.events.filter(({ event }) => event === 'watcher.poll_failed');
    expect(failed).toHaveLength(atlas.calls.length);
    expect(harness.requests).toHaveLength(atlas.calls.length);
    expect(atlas.calls.length).toBeLessThan(150);
    expect(namesOf(await harness.store.latestEvents(1_000))).not.toContain('watcher.poll_failed');
  });

  test('are reported within 40 s of the first refusal, whatever the schedule', async () => {
    const schedules = { default: '0 0 * * * *' };
    const { harness, atlas } = await readFleet(fleet, { schedules });
    atlas.answerAll('unauthorized');
    await advance(60 * minute);
    const [first] = atlas.calls;
    const outage = harness.events.find(({ event }) => event === 'watcher.unreachable');
    const delayMs = Date.parse(outage?.time ?? '') - start - (first?.at ?? 0);
    expect(delayMs).toBeGreaterThanOrEqual(5_000);
    expect(delayMs).toBeLessThan(40_000);
    expect(reportsOf(harness.events)).toEqual(['down account (100)']);
  });

  test('that are accepted again release all migrations at once', async () => {
    const { harness, atlas } = await readFleet(fleet);
    atlas.answerAll('unauthorized');
    await advance(10 * minute);
    recover(atlas);
    const polls = atlas.calls.length;
    await advance(2 * minute);
    const calls = atlas.calls.slice(polls);
    const released = calls.filter(({ at }) => at < (calls[0]?.at ?? 0) + 1_000);
    expect(new Set(released.map(({ id }) => id.liveMigrationId)).size).toBe(100);
    expect(reportsOf(harness.events)).toEqual(['down account (100)', 'up account (100)']);
  });

  test('are tried by another migration where the first one times out, so that it holds back no other', async () => {
    const { harness, atlas } = await readFleet(fleet);
    atlas.answerAll('unauthorized');
    await advance(5 * minute);
    const probe = atlas.calls.at(-1)?.id ?? one;
    atlas.answer([probe], 'timeout');
    await advance(5 * minute);
    expect(atlas.calls.at(-1)?.id).not.toEqual(probe);
    expect(atlas.calls.at(-1)?.at).toBeGreaterThan(performance.now() - minute - 1_000);
    atlas.answerAll(working).answer([probe], 'timeout');
    await advance(2 * minute);
    expect(reportsOf(harness.events).slice(0, 2)).toEqual(['down account (100)', 'up account (100)']);
  });

  test('of one project hold back no other', async () => {
    const { harness, atlas } = await readFleet(fleet);
    atlas.answer(firstProject, 'unauthorized');
    const since = performance.now();
    await advance(5 * minute);
    expect(reportsOf(harness.events)).toEqual(['down project 0 (20)']);
    const pollsOf = (project: readonly Target[]): number =>
      project.flatMap((target) => atlas.callsOf(target).filter(({ at }) => at >= since)).length;
    expect(pollsOf(firstProject)).toBeLessThan(40);
    expect(pollsOf(fleet.slice(20, 40))).toBe(200);
  });

  test('go on after a restart with one probe', async () => {
    const { harness, atlas } = await readFleet(fleet);
    atlas.answerAll('unauthorized');
    await advance(10 * minute);
    await harness.restart();
    const polls = atlas.calls.length;
    await advance(10 * minute);
    expect(atlas.calls.length - polls).toBeLessThanOrEqual(11);
    recover(atlas);
    await advance(2 * minute);
    expect(reportsOf(harness.events)).toEqual(['down account (100)', 'up account (100)']);
  });

  test('go on with another probe when a reload removes the first one', async () => {
    const { harness, atlas } = await readFleet(fleet);
    atlas.answerAll('unauthorized');
    await advance(10 * minute);
    const probe = atlas.calls.at(-1)?.id.liveMigrationId;
    const kept = fleet.filter(({ liveMigrationId }) => liveMigrationId !== probe);
    await harness.reload(kept);
    const polls = atlas.calls.length;
    await advance(10 * minute);
    expect(atlas.calls.length - polls).toBeGreaterThanOrEqual(9);
    expect(atlas.calls.length - polls).toBeLessThanOrEqual(14);
    recover(atlas);
    await advance(2 * minute);
    expect(reportsOf(harness.events)).toEqual(['down account (100)', 'up account (100)']);
  });
});
