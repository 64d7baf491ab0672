import { expect, test } from 'vitest';
import { groupsOf, labelNames, usualGroup } from '../../../src/page/list/groups.ts';
import { targetOf } from '../../watch/sample-migrations.ts';

const rowsOf = (count: number, labelsOf: (number: number) => Record<string, string>) =>
  Array.from({ length: count }, (_, number) => {
    const { name: migration, groupId, liveMigrationId } = targetOf(number);
    return { view: { migration, groupId, liveMigrationId, labels: labelsOf(number) }, samples: [] };
  });
const teams = (number: number) => ({ team: `t${number % 5}`, ticket: `T-${number}` });

test('more than 60 rows are grouped by the label that most of them have', () => {
  expect(usualGroup(rowsOf(60, teams))).toBeUndefined();
  expect(usualGroup(rowsOf(61, teams))).toBe('team');
});

test('a label of few rows, of one value, or of as many values as rows groups nothing by itself', () => {
  expect(
    usualGroup(rowsOf(80, (number) => (number % 3 === 0 ? { team: `t${number % 5}` } : {}))),
  ).toBeUndefined();
  expect(usualGroup(rowsOf(80, () => ({ team: 'crm' })))).toBeUndefined();
  expect(usualGroup(rowsOf(80, (number) => ({ ticket: `T-${number}` })))).toBeUndefined();
});

test('groups are in the order of their most urgent rows, which keep theirs', () => {
  const rows = rowsOf(5, (number) => (number === 1 ? {} : { team: `t${number % 2}` }));
  const groups = groupsOf(rows, 'team');
  expect(
    groups.map(({ value, rows: members }) => [value, members.map(({ view }) => view.migration)]),
  ).toEqual([
    ['t0', ['m0', 'm2', 'm4']],
    ['', ['m1']],
    ['t1', ['m3']],
  ]);
  expect(labelNames(rowsOf(2, teams))).toEqual(['team', 'ticket']);
});
