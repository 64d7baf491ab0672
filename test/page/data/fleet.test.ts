import { expect, test } from 'vitest';
import {
  byUrgency,
  expectList,
  type Fleet,
  findRow,
  noFleet,
  withList,
  withViews,
} from '../../../src/page/data/fleet.ts';
import { keptSamples } from '../../../src/page/data/migration-row.ts';
import { isoTime } from '../../../src/watch/migration/event-draft.ts';
import { minute, start, targetOf } from '../../watch/sample-migrations.ts';

const viewOf = (number: number, more: object = {}) => {
  const { name: migration, groupId, liveMigrationId } = targetOf(number);
  return { migration, groupId, liveMigrationId, observedAt: isoTime(start), ...more };
};
const seen = (after: number, lagTimeSeconds: number) => ({
  observedAt: isoTime(start + after * minute),
  lagTimeSeconds,
});
const names = (fleet: Fleet): string[] => byUrgency(fleet, start).map(({ view }) => view.migration);

test('the most urgent come first, and equally urgent ones in the order of the configuration', () => {
  const fleet = withList(noFleet, [
    viewOf(0, { settlement: 'COMPLETE' }),
    viewOf(1),
    viewOf(2, { readyForCutover: true, deadline: isoTime(start + 9) }),
    viewOf(3),
    viewOf(4, { readyForCutover: true, deadline: isoTime(start + 5) }),
    viewOf(5, { settlement: 'FAILED' }),
  ]);
  expect(names(fleet)).toEqual(['m4', 'm2', 'm5', 'm1', 'm3', 'm0']);
});

test('a list removes migrations that are not in it, and a renamed migration stays the same', () => {
  const listed = withList(noFleet, [viewOf(0), viewOf(1)]);
  const fleet = withList(expectList(listed), [{ ...viewOf(1), migration: 'sales' }]);
  expect(names(fleet)).toEqual(['sales']);
  expect(findRow(fleet, 'sales')?.view.liveMigrationId).toBe(targetOf(1).liveMigrationId);
  expect(findRow(fleet, targetOf(1).liveMigrationId)?.view.migration).toBe('sales');
  expect(findRow(fleet, 'm1')).toBeUndefined();
});

test('a list does not overwrite what the stream sent after the request, and its samples are kept', () => {
  const streamed = withViews(expectList(noFleet), [viewOf(0, { status: 'WORKING', ...seen(5, 10) })]);
  const fleet = withList(streamed, [
    {
      ...viewOf(0, { status: 'NEW', ...seen(4, 20) }),
      samples: { secondsBefore: [1, 0], lagTimeSeconds: [30, 20] },
    },
  ]);
  const [row] = byUrgency(fleet, start);
  expect(row?.view.status).toBe('WORKING');
  expect(row?.samples.map(({ lagTimeSeconds }) => lagTimeSeconds)).toEqual([30, 20, 10]);
});

test('each sample is kept once, and the oldest are dropped', () => {
  let fleet = noFleet;
  for (let after = 0; after < keptSamples + 5; after += 1)
    for (const _ of [1, 2]) fleet = withViews(fleet, [viewOf(0, seen(after, after))]);
  const samples = byUrgency(fleet, start)[0]?.samples ?? [];
  expect(samples).toHaveLength(keptSamples);
  expect(samples.at(-1)?.lagTimeSeconds).toBe(keptSamples + 4);
});
