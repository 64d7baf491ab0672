import { expect, test } from 'vitest';
import { keyOf } from '../../src/atlas/migration-resource.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import type { TimelineView } from '../../src/server/timeline-api.ts';
import type { MigrationState } from '../../src/state/migration-state.ts';
import { openStore } from '../../src/state/sqlite/store.ts';
import type { Store } from '../../src/state/store.ts';
import type { Span } from '../../src/watch/migration/lane.ts';
import type { Target } from '../../src/watch/migration/target.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { played, wholeCourse } from '../report/played.ts';
import { batchOf, commitEvents } from '../state/sample-change.ts';
import { hour, minute, orders, start, targetOf } from '../watch/sample-migrations.ts';
import { type Given, serve, watchedOrders } from './served.ts';

const at = (hours: number): number => start + hours * hour;
const iso = (hours: number): string => new Date(at(hours)).toISOString();

/** Stores what a watcher records of migrations. */
async function store(into: Pick<Store, 'commit'>, ...recordings: readonly ReturnType<typeof played>[]) {
  for (const { state, events, samples, ...target } of recordings) {
    const { groupId, liveMigrationId } = target;
    if (state === undefined) throw new Error('A poll leaves a state.');
    const own = samples.map((sample) => ({ groupId, liveMigrationId, ...sample }));
    await into.commit(
      batchOf({ states: [{ groupId, liveMigrationId, state }], events: [...events], samples: own }),
    );
  }
}

function snapshotOf({ state, events: _events, samples: _samples, ...target }: ReturnType<typeof played>) {
  return watchedOrders({ target, state, latest: 'read' });
}

/** Serves this history at so many hours after the start. */
async function served(recordings: readonly ReturnType<typeof played>[], hoursNow: number, given: Given = {}) {
  const all = openStore(':memory:');
  await store(all, ...recordings);
  const { ask } = await serve({
    store: all,
    startedAt: at(43),
    now: () => at(hoursNow),
    snapshots: () => recordings.map(snapshotOf),
    ...given,
  });
  const timeline = async (query = ''): Promise<TimelineView> => {
    const { status, json } = await ask(`/api/timeline${query}`);
    expect(status).toBe(200);
    return json() as unknown as TimelineView;
  };
  return { ask, timeline, store: all };
}

/** Returns spans in hours since the start. */
function inHours(spans: readonly Span[] | undefined) {
  return spans?.map(([name, from, to]) => [name, round(from), round(to)]);
}

function round(seconds: number): number {
  return Math.round(((seconds * 1_000 - start) / hour) * 100) / 100;
}

test('the timeline has the phases of a whole migration, what lies over them, and its end', async () => {
  const { timeline } = await served([played(wholeCourse, 60 * hour)], 60);
  const { from, to, watcher, migrations } = await timeline(`?from=${iso(0)}`);
  expect([from, to]).toEqual([start / 1_000, at(60) / 1_000]);
  expect(inHours(migrations[keyOf(orders)])).toEqual([
    ['waiting', 0, 2],
    ['initial_copy', 2, 20],
    ['catching_up', 20, 31],
    ['ready', 31, 57.17],
    ['cutover', 57.17, 57.5],
    ['complete', 57.5, 60],
    ['stalled', 22, 23.33],
    ['unreadable', 24.92, 26],
    ['not_watched', 39.92, 43],
  ]);
  expect(inHours(watcher)).toEqual([
    ['watching', 0, 39.92],
    ['not_watching', 39.92, 43],
    ['watching', 43, 60],
  ]);
});

test('the timeline is that of the last day where nothing is asked for, and begins with the present phase', async () => {
  const { timeline } = await served([played(wholeCourse, 56 * hour)], 56);
  const { from, to, watcher, migrations } = await timeline();
  expect([round(from), round(to)]).toEqual([32, 56]);
  expect(inHours(migrations[keyOf(orders)])).toEqual([
    ['ready', 32, 56],
    ['not_watched', 39.92, 43],
  ]);
  expect(inHours(watcher)?.[0]).toEqual(['watching', 32, 39.92]);
});

test('the timeline shows nothing after now, and nothing after the end that was asked for', async () => {
  const { timeline } = await served([played(wholeCourse, 30 * hour)], 30);
  const future = await timeline(`?from=${iso(29)}&to=${iso(50)}`);
  expect(round(future.to)).toBe(50);
  expect(inHours(future.migrations[keyOf(orders)])).toEqual([['catching_up', 29, 30]]);
  const past = await timeline(`?from=${iso(1)}&to=${iso(3)}`);
  expect(inHours(past.migrations[keyOf(orders)])).toEqual([
    ['waiting', 1, 2],
    ['initial_copy', 2, 3],
  ]);
  expect(inHours((await timeline(`?to=${iso(3)}`)).migrations[keyOf(orders)])?.[0]).toEqual([
    'waiting',
    0,
    2,
  ]);
});

test('the timeline goes on with what happens after it was asked for', async () => {
  const copying = played(wholeCourse, 30 * hour);
  let shown = copying;
  let now = 30;
  const history = await served([], 0, { now: () => at(now), snapshots: () => [snapshotOf(shown)] });
  await store(history.store, copying);
  expect(inHours((await history.timeline()).migrations[keyOf(orders)])?.at(-1)?.[0]).toBe('unreadable');
  now = 35;
  const longer = played(wholeCourse, 35 * hour);
  await history.store.commit(batchOf({ events: longer.events.slice(copying.events.length) }));
  shown = longer;
  expect(inHours((await history.timeline()).migrations[keyOf(orders)])).toContainEqual(['ready', 31, 35]);
});

test('the timeline begins anew with another state file', async () => {
  const [one, other] = [openStore(':memory:'), openStore(':memory:')];
  await store(one, played(wholeCourse, 60 * hour));
  const other60 = played(() => ({ status: 'FAILED' }), hour);
  await store(other, other60);
  let current = one;
  const recordings = [played(wholeCourse, 60 * hour)];
  const { timeline } = await served(recordings, 60, {
    store: {
      samples: (...args) => current.samples(...args),
      latestSamples: (...args) => current.latestSamples(...args),
      latestEvents: (...args) => current.latestEvents(...args),
      eventsAfter: (...args) => current.eventsAfter(...args),
      eventsFrom: (...args) => current.eventsFrom(...args),
      eventsNamed: (...args) => current.eventsNamed(...args),
    },
  });
  expect(inHours((await timeline()).migrations[keyOf(orders)])).toContainEqual(['complete', 57.5, 60]);
  current = other;
  expect(inHours((await timeline()).migrations[keyOf(orders)])).toContainEqual(['failed', 36, 60]);
  await Promise.all([one.close(), other.close()]);
});

test('the timeline has the present phase of a migration whose events are lost, and of one never read nothing', async () => {
  const { state, ...rest } = played(wholeCourse, 56 * hour);
  const never = watchedOrders({ target: targetOf(3) });
  const { timeline } = await served([], 56, {
    snapshots: () => [snapshotOf({ ...rest, state }), never],
  });
  const { migrations } = await timeline(`?from=${iso(0)}`);
  expect(inHours(migrations[keyOf(orders)])?.[0]).toEqual(['ready', 31, 56]);
  expect(migrations[keyOf(targetOf(3))]).toEqual([]);
});

test('the timeline can be asked for one migration, by name or id', async () => {
  const [one, other] = [played(wholeCourse, hour), played(wholeCourse, hour, 5 * minute, targetOf(3))];
  const { ask, timeline } = await served([one, other], 2);
  for (const name of [targetOf(3).name, targetOf(3).liveMigrationId])
    expect(Object.keys((await timeline(`?migration=${name}`)).migrations)).toEqual([keyOf(targetOf(3))]);
  expect((await ask('/api/timeline?migration=nobody')).status).toBe(404);
});

test('the lane of the watcher says since when the poll loop does not run', async () => {
  const { timeline } = await served([], 56, {
    liveness: () => ({ alive: false, reason: 'A poll has been running.', stuckForSeconds: 1_800 }),
  });
  expect(inHours((await timeline()).watcher)).toEqual([
    ['watching', 43, 55.5],
    ['not_watching', 55.5, 56],
  ]);
});

test.each([
  ['from=x', 'Write from as a time such as 2026-11-24T12:00:00Z, or as a duration before now such as 6h.'],
  ['to=', 'Write to as a time such as 2026-11-24T12:00:00Z, or as a duration before now such as 6h.'],
  [`from=${iso(2)}&to=${iso(1)}`, 'Write from as a time before to.'],
  [`from=${iso(2)}&to=${iso(2)}`, 'Write from as a time before to.'],
  ['since=6h', 'Unknown parameter. This path has: from, to, migration.'],
])('the timeline refuses %s', async (query, error) => {
  const { ask } = await serve();
  expect(await ask(`/api/timeline?${query}`)).toMatchObject({ status: 400 });
  expect((await ask(`/api/timeline?${query}`)).json()).toEqual({ error });
});

/** Returns the events of a migration over five days: phases, stalls and reminders. */
function historyOf({ groupId, liveMigrationId, name }: Target, index: number): EventRecord[] {
  const names = [
    'migration.first_seen',
    'migration.status_changed',
    ...Array.from({ length: 4 }, () => ['migration.lag_stalled', 'migration.lag_recovered'] as const).flat(),
    'migration.ready_for_cutover',
    ...Array.from({ length: 12 }, () => 'migration.cutover_reminder' as const),
  ] as const;
  return names.map((event, step) => ({
    ...sampleEvent(event, {
      groupId,
      liveMigrationId,
      migration: name,
      eventId: (index * 100 + step).toString(16).padStart(32, '0'),
    }),
    time: new Date(start + step * 5 * hour).toISOString(),
  }));
}

test('the timeline of 1,000 migrations takes well under 300 ms, and health does not wait for it', async () => {
  const targets = Array.from({ length: 1_000 }, (_, index) => targetOf(index + 1));
  const state: MigrationState = {
    rememberedSince: start,
    firstObservedAt: start,
    observation: { status: 'WORKING', observedAt: at(110) },
    known: { status: 'WORKING', readyForCutover: true },
    notFoundInARow: 0,
    reportedStatuses: [],
  };
  const {
    ask,
    timeline,
    store: all,
  } = await served([], 110, {
    snapshots: () => targets.map((target) => watchedOrders({ target, state })),
  });
  await commitEvents(all, ...targets.flatMap(historyOf));
  const first = timeline(`?from=${iso(0)}`).then(() => 'timeline');
  const health = ask('/livez').then(() => 'health');
  expect(await Promise.race([first, health])).toBe('health');
  await first;
  const begun = process.threadCpuUsage();
  const { migrations } = await timeline(`?from=${iso(0)}`);
  const { user, system } = process.threadCpuUsage(begun);
  expect(Object.keys(migrations)).toHaveLength(1_000);
  expect(user + system).toBeLessThan(300_000);
});

test('a minute that is too short for a second has no span', async () => {
  const { timeline } = await served([played(wholeCourse, 5 * minute)], 0);
  expect((await timeline(`?from=${iso(-1)}`)).migrations[keyOf(orders)]).toEqual([]);
});
