import { describe, expect, test } from 'vitest';
import type { EventRecord } from '../../src/events/event-record.ts';
import { advance, useVirtualTime, WatcherHarness } from './harness.ts';
import { hour, namesOf, type Outcome } from './sample-migrations.ts';
import { ScriptedAtlas } from './scripted-atlas.ts';

useVirtualTime();

const ready: Outcome = { status: 'WORKING', readyForCutover: true };

/** A migration that was read as ready; its further polls are under way until the test answers them. */
async function readyMigration() {
  const atlas = new ScriptedAtlas().answerAll(ready);
  const harness = await WatcherHarness.start({ client: atlas });
  await advance(1_000);
  expect(namesOf(harness.events)).toEqual(['migration.first_seen', 'migration.ready_for_cutover']);
  harness.events.length = 0;
  atlas.calls.length = 0;
  atlas.answerAll(undefined);
  return { harness, atlas };
}

/** What was reported of the migration itself. */
function noticesOf({ events }: WatcherHarness): readonly EventRecord[] {
  return events.filter(({ event }) => event.startsWith('migration.'));
}

const warning = ['migration.cutover_deadline_near'];

describe('a notice', () => {
  test('reports what is true now when the poll that it asks for ends in time', async () => {
    const { harness, atlas } = await readyMigration();
    harness.setClock(72 * hour);
    await advance(5_000);
    expect(atlas.calls).toHaveLength(1);
    atlas.calls[0]?.answer({ status: 'COMPLETE' });
    await advance(20_000);
    expect(namesOf(harness.events)).not.toContain('migration.cutover_deadline_near');
  });

  test('asks for a poll where the schedule has none for a long time', async () => {
    const atlas = new ScriptedAtlas().answerAll(ready);
    const harness = await WatcherHarness.start({ client: atlas, schedules: { default: '0 0 0 1 1 *' } });
    await advance(12 * hour + 2_000);
    expect(atlas.calls).toHaveLength(2);
    expect(namesOf(harness.events).slice(2)).toEqual(['migration.cutover_reminder']);
  });

  test('is reported 10 s later, and once, when its poll hangs', async () => {
    const { harness, atlas } = await readyMigration();
    harness.setClock(73 * hour);
    await advance(9_000);
    expect(harness.events).toEqual([]);
    await advance(3_000);
    expect(namesOf(harness.events)).toEqual(warning);
    harness.setClock(24 * hour);
    await advance(13_000);
    atlas.calls[0]?.answer(ready);
    await advance(20_000);
    const notices = noticesOf(harness);
    expect(namesOf(notices)).toEqual([...warning, ...warning]);
    expect(new Set(notices.map(({ eventId }) => eventId)).size).toBe(2);
  });

  test('that fell due before a restart waits for the first poll for a minute', async () => {
    const { harness } = await readyMigration();
    await harness.restart(undefined, 73 * hour);
    await advance(59_000);
    expect(noticesOf(harness)).toEqual([]);
    await advance(4_000);
    expect(noticesOf(harness)).toMatchObject([
      { event: 'migration.cutover_deadline_near', threshold: '48h', lateSeconds: 3_661 },
    ]);
  });

  test('that falls due after a restart, but before the first poll, is late by what its poll takes', async () => {
    const { harness } = await readyMigration();
    await harness.restart(undefined, 72 * hour - 5_000);
    await advance(70_000);
    const notices = noticesOf(harness);
    expect(namesOf(notices)).toEqual(warning);
    expect(notices[0]).not.toHaveProperty('lateSeconds');
  });

  test('that a wrong clock made due too early is reported again when it is due, with another id', async () => {
    const { harness, atlas } = await readyMigration();
    atlas.answerAll(ready);
    await advance(30_000);
    harness.setClock(24 * 30 * hour);
    await advance(60_000);
    const early = namesOf(harness.events);
    expect(early).toContain('migration.cutover_deadline_passed');
    harness.setClock(-24 * 30 * hour);
    await advance(60_000);
    harness.setClock(121 * hour);
    await advance(60_000);
    expect(namesOf(harness.events)).toEqual([...early, ...early]);
    expect(new Set(harness.events.map(({ eventId }) => eventId)).size).toBe(harness.events.length);
  });

  test('is reported although the migration cannot be read, with the age of what is known', async () => {
    const { harness, atlas } = await readyMigration();
    atlas.answerAll('network');
    await advance(12 * hour);
    expect(harness.events.filter(({ event }) => event === 'migration.cutover_reminder')).toMatchObject([
      { lastReadSecondsAgo: expect.any(Number) as number },
    ]);
  });
});
