import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isShown } from '../../src/page/filter.ts';
import {
  addressOf,
  type Route,
  readRoute,
  withLabel,
  withoutLabel,
  withStanding,
} from '../../src/page/route.ts';
import { standings } from '../../src/page/status.ts';
import { orders } from '../watch/sample-migrations.ts';

const { name: migration, groupId, liveMigrationId, labels } = orders;
const view = {
  migration,
  groupId,
  liveMigrationId,
  labels,
  status: 'WORKING',
  migrationHosts: ['mig-0.example.net'],
};
const all = { search: '', labels: [] };

test('every route is read from its address as it was', () => {
  const text = fc.string({ unit: 'grapheme' });
  const route: fc.Arbitrary<Route> = fc
    .record({
      search: text,
      labels: fc.array(text),
      standing: fc.option(fc.constantFrom(...(Object.keys(standings) as (keyof typeof standings)[]))),
      migration: text,
    })
    .map(({ standing, migration: name, ...filter }) => ({
      filter: { ...filter, ...(standing !== null && { standing }) },
      ...(name !== '' && { migration: name }),
    }));
  fc.assert(
    fc.property(route, (one) => {
      expect(readRoute(addressOf(one).replace(/^\.\//, ''))).toEqual(one);
    }),
  );
});

test('what an address does not know is left out', () => {
  expect(readRoute('?state=odd&migration=&more=1')).toEqual({ filter: all });
  expect(addressOf({ filter: all })).toBe('./');
});

test('a label is put in once and taken out; a state is chosen and, chosen again, left', () => {
  const one = withLabel(withLabel(all, 'team:payments'), 'team:payments');
  expect(one.labels).toEqual(['team:payments']);
  expect(withoutLabel(one, 'team:payments')).toEqual(all);
  expect(withStanding(all, 'ready')).toEqual({ ...all, standing: 'ready' });
  expect(withStanding(withStanding(all, 'ready'), 'ready')).toEqual(all);
});

test.each([
  ['', true],
  ['ORD', true],
  ['pay work', true],
  ['copying', true],
  ['mig-0', true],
  [liveMigrationId.slice(4, 12), true],
  ['orders sales', false],
])('a search for "%s" finds it: %s', (search, found) => {
  expect(isShown(view, { ...all, search })).toBe(found);
});

test('all labels are wanted, and the state', () => {
  expect(isShown(view, { ...all, labels: ['team:payments'] })).toBe(true);
  expect(isShown(view, { ...all, labels: ['team:payments', 'tier:gold'] })).toBe(false);
  expect(isShown(view, { ...all, standing: 'copying' })).toBe(true);
  expect(isShown(view, { ...all, standing: 'ready' })).toBe(false);
});
