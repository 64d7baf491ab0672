import { expect, test } from 'vitest';
import { Fleet } from '../../src/page/fleet.ts';
import { keptSamples } from '../../src/page/migration-row.ts';
import { isoTime } from '../../src/watch/migration/event-draft.ts';
import { minute, start, targetOf } from '../watch/sample-migrations.ts';

const viewOf = (number: number, more: object = {}) => {
  const { name: migration, groupId, liveMigrationId } = targetOf(number);
  return { migration, groupId, liveMigrationId, ...more };
};
const seen = (after: number, lagTimeSeconds: number) => ({
  observedAt: isoTime(start + after * minute),
  lagTimeSeconds,
});
const names = (fleet: Fleet): string[] => fleet.byUrgency.map(({ view }) => view.migration);

test('the most urgent come first, equals in the order of the configuration', () => {
  const fleet = new Fleet();
  fleet.takeList([
    viewOf(0, { settlement: 'COMPLETE' }),
    viewOf(1),
    viewOf(2, { readyForCutover: true, deadline: isoTime(start + 9) }),
    viewOf(3),
    viewOf(4, { readyForCutover: true, deadline: isoTime(start + 5) }),
    viewOf(5, { settlement: 'FAILED' }),
  ]);
  expect(names(fleet)).toEqual(['m4', 'm2', 'm5', 'm1', 'm3', 'm0']);
});

test('a list takes out what is not in it, and what is called another name is the same', () => {
  const fleet = new Fleet();
  fleet.takeList([viewOf(0), viewOf(1)]);
  fleet.expectList();
  fleet.takeList([{ ...viewOf(1), migration: 'sales' }]);
  expect(names(fleet)).toEqual(['sales']);
  expect(fleet.find('sales')?.view.liveMigrationId).toBe(targetOf(1).liveMigrationId);
  expect(fleet.find(targetOf(1).liveMigrationId)?.view.migration).toBe('sales');
  expect(fleet.find('m1')).toBeUndefined();
});

test('what the stream told while a list was asked for is not undone by it, and its samples are kept', () => {
  const fleet = new Fleet();
  fleet.expectList();
  fleet.take(viewOf(0, { status: 'WORKING', ...seen(5, 10) }));
  fleet.takeList([{ ...viewOf(0, { status: 'NEW', ...seen(4, 20) }), samples: [seen(3, 30), seen(4, 20)] }]);
  const [entry] = fleet.byUrgency;
  expect(entry?.view.status).toBe('WORKING');
  expect(entry?.samples.map(({ lagTimeSeconds }) => lagTimeSeconds)).toEqual([30, 20, 10]);
});

test('samples gather one by one, each once, and the oldest go', () => {
  const fleet = new Fleet();
  for (let after = 0; after < keptSamples + 5; after += 1)
    for (const _ of [1, 2]) fleet.take(viewOf(0, seen(after, after)));
  const samples = fleet.byUrgency[0]?.samples ?? [];
  expect(samples).toHaveLength(keptSamples);
  expect(samples.at(-1)?.lagTimeSeconds).toBe(keptSamples + 4);
});
