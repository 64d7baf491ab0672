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
import { isoTime } from '../../../src/watch/migration/event-draft.ts';
import { start, targetOf } from '../../watch/sample-migrations.ts';

const viewOf = (number: number, more: object = {}) => {
  const { name: migration, groupId, liveMigrationId } = targetOf(number);
  return { migration, groupId, liveMigrationId, observedAt: isoTime(start), ...more };
};
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

test('a list does not overwrite what the stream sent after the request, and keeps what is the same', () => {
  const streamed = withViews(expectList(noFleet), [viewOf(0, { status: 'WORKING' })]);
  const fleet = withList(streamed, [viewOf(0, { status: 'NEW' }), viewOf(1, { remainingSeconds: 20 })]);
  const [first, second] = byUrgency(fleet, start);
  expect(first?.view.status).toBe('WORKING');
  const [, next] = byUrgency(
    withList(expectList(fleet), [viewOf(0), viewOf(1, { remainingSeconds: 10 })]),
    start,
  );
  expect(next).toBe(second);
});
