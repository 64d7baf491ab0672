import { describe, expect, test } from 'vitest';
import { keyOf } from '../../src/atlas/migration-resource.ts';
import type { MigrationState } from '../../src/state/migration-state.ts';
import { openStore } from '../../src/state/sqlite/store.ts';
import { earlierSamples, Fleet, isSettled } from '../../src/watch/fleet.ts';
import { initialState } from '../../src/watch/migration/event-draft.ts';
import {
  collectSamples,
  type LagSamples,
  listSamples,
  noSamples,
} from '../../src/watch/migration/lag-samples.ts';
import { lagTrend } from '../../src/watch/migration/lag-trend.ts';
import type { Target } from '../../src/watch/migration/target.ts';
import { Scopes } from '../../src/watch/outage/scopes.ts';
import { errorOf, minute, orders, start, targetOf } from './sample-migrations.ts';

const { groupId, liveMigrationId } = orders;

test.each([
  { rule: 'half a minute', everyMinutes: 0.5, count: 29 },
  { rule: 'two and a half minutes', everyMinutes: 2.5, count: 8 },
  { rule: 'ten minutes', everyMinutes: 10, count: 8 },
  { rule: 'hour', everyMinutes: 60, count: 5 },
])('a migration polled every $rule has a trend from a start on', async ({ everyMinutes, count }) => {
  const store = openStore(':memory:');
  const samples = Array.from({ length: 50 }, (_each, index) => ({
    lagTimeSeconds: 9_000 + index,
    observedAt: start - (index + 1) * everyMinutes * minute,
  })).toReversed();
  await store.commit({
    states: [{ groupId, liveMigrationId, state: initialState(start) }],
    samples: samples.map((sample) => ({ groupId, liveMigrationId, ...sample })),
    outages: [],
    events: [],
    cursors: [],
  });
  const found = (await earlierSamples(store, [orders], start)).get(keyOf(orders)) ?? noSamples;
  expect(listSamples(found).length).toBeGreaterThanOrEqual(count);
  expect(listSamples(found).at(-1)).toEqual(samples.at(-1));
  expect(lagTrend(found)?.perMinute).toBeCloseTo(-1 / everyMinutes);
  await store.close();
});

const complete: MigrationState = { ...initialState(start), settlement: 'COMPLETE' };
const gone: MigrationState = { ...initialState(start), settlement: 'DISAPPEARED' };

test('a migration that disappeared is settled when it has been asked for once more, any other end at once', () => {
  expect(isSettled({ recheck: true }, undefined)).toBe(false);
  expect(isSettled({ recheck: true }, initialState(start))).toBe(false);
  expect(isSettled({ recheck: true }, complete)).toBe(true);
  expect(isSettled({ recheck: true }, gone)).toBe(false);
  expect(isSettled({ recheck: false }, gone)).toBe(true);
});

const [one, another, third] = [targetOf(1), targetOf(2), targetOf(3)];

/** A fleet of these, of whose migrations nothing is known but what the test sets. */
function fleetOf(targets: readonly Target[], samples: ReadonlyMap<string, LagSamples> = new Map()) {
  const states = new Map<string, MigrationState>();
  const fleet = new Fleet(new Scopes(), { state: (target) => states.get(keyOf(target)) });
  fleet.replace(targets, samples, start);
  return { fleet, states };
}

describe('replacing what is watched', () => {
  test('keeps what is known of a migration that stays, under its new name', () => {
    const { fleet } = fleetOf([one, another]);
    const entry = fleet.get(keyOf(one));
    if (entry === undefined) throw new Error('It is watched.');
    fleet.update(entry, { latest: 'read', readAt: start + 1, cadence: 'approaching' });
    const renamed = { ...one, name: 'renamed', labels: { team: 'payments' } };
    expect(fleet.replace([renamed, third], new Map(), start + minute)).toEqual({
      added: ['m3'],
      removed: ['m2'],
      changed: ['renamed'],
    });
    expect(fleet.get(keyOf(one))).toBe(entry);
    expect(entry).toMatchObject({
      target: renamed,
      startedAt: start,
      readAt: start + 1,
      cadence: 'approaching',
    });
    expect(fleet.get(keyOf(third))).toMatchObject({ startedAt: start + minute, latest: undefined });
    expect(fleet.get(keyOf(another))).toBeUndefined();
  });

  test('does not take a migration that left and came back for the former entry', () => {
    const { fleet } = fleetOf([one, another]);
    const entry = fleet.get(keyOf(one));
    fleet.replace([another], new Map(), start);
    fleet.replace([one, another], new Map(), start + minute);
    expect(entry && fleet.has(entry)).toBe(false);
    expect(fleet.get(keyOf(one))).toMatchObject({ startedAt: start + minute });
  });

  test('begins with the lag samples of earlier runs, in the order of the configuration', () => {
    const samples = collectSamples([{ observedAt: start - minute, lagTimeSeconds: 70 }]);
    const { fleet } = fleetOf([third, one], new Map([[keyOf(one), samples]]));
    expect(fleet.snapshots.map(({ target, samples: known }) => [target.name, known])).toEqual([
      ['m3', noSamples],
      ['m1', samples],
    ]);
  });
});

test('a fleet counts how many are still polled', () => {
  const { fleet, states } = fleetOf([one, another]);
  const entry = fleet.get(keyOf(one));
  if (entry === undefined) throw new Error('It is watched.');
  expect(fleet.open).toBe(2);
  states.set(keyOf(one), complete);
  fleet.update(entry, { latest: 'read' });
  expect([fleet.open, fleet.isOpen(entry)]).toEqual([1, false]);
  states.set(keyOf(one), gone);
  fleet.replace([one, another], new Map(), start);
  expect([fleet.open, fleet.isOpen(entry)]).toEqual([2, true]);
  fleet.update(entry, { latest: errorOf('not_found'), recheck: false });
  expect(fleet.open).toBe(1);
});

test('a migration near readiness goes before others of its project that have waited a minute less', () => {
  const { fleet } = fleetOf([one]);
  const entry = fleet.get(keyOf(one));
  if (entry === undefined) throw new Error('It is watched.');
  fleet.update(entry, { cadence: 'approaching' });
  expect(entry.headStartMs).toBe(minute);
  fleet.update(entry, { cadence: 'default' });
  expect(entry.headStartMs).toBe(0);
});

test.each([
  { rule: 'few migrations', count: 1 },
  { rule: 'many migrations', count: 101 },
])('the samples of $rule go back twelve hours after a start, and are the latest ones', async ({ count }) => {
  const store = openStore(':memory:');
  const targets = Array.from({ length: count }, (_each, index) => targetOf(index));
  const [first = orders] = targets;
  const samples = Array.from({ length: 1_500 }, (_each, index) => ({
    lagTimeSeconds: 90_000 + index * 10,
    observedAt: start - (index + 1) * 30_000,
  })).toReversed();
  await store.commit({
    states: [{ ...first, state: initialState(start) }],
    samples: samples.map((sample) => ({ ...first, ...sample })),
    outages: [],
    events: [],
    cursors: [],
  });
  const found = listSamples((await earlierSamples(store, targets, start)).get(keyOf(first)) ?? noSamples);
  expect(found.slice(-30)).toEqual(samples.slice(-30));
  expect(found[0]?.observedAt).toBeLessThan(start - 11 * 60 * minute);
  expect(found.length).toBeLessThan(160);
  await store.close();
});
