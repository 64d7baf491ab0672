import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isShown } from '../../src/page/filter.ts';
import {
  addressOf,
  type Route,
  readRoute,
  withLabel,
  withoutLabel,
  withStatus,
} from '../../src/page/route.ts';
import { statuses } from '../../src/page/status.ts';
import type { MigrationView } from '../../src/server/migration-view.ts';
import { orders, start } from '../watch/sample-migrations.ts';

const { name: migration, groupId, liveMigrationId, labels } = orders;
const view = {
  migration,
  groupId,
  liveMigrationId,
  labels,
  status: 'WORKING',
  observedAt: new Date(start).toISOString(),
  migrationHosts: ['mig-0.example.net'],
};
const all = { search: '', labels: [] };

test('every route is the same after being written to an address and read', () => {
  const text = fc.string({ unit: 'grapheme' });
  const route: fc.Arbitrary<Route> = fc
    .record({
      search: text,
      labels: fc.array(text),
      status: fc.option(fc.constantFrom(...(Object.keys(statuses) as (keyof typeof statuses)[]))),
      group: fc.option(text),
      range: fc.constantFrom('6h' as const, '24h' as const, '5d' as const),
      needsMe: fc.boolean(),
      migration: text,
      isOnWall: fc.boolean(),
    })
    .map(({ search, labels: wanted, status, group, range, needsMe, migration: name, isOnWall }) => ({
      filter: {
        search,
        labels: wanted,
        ...(status !== null && { status }),
        ...(needsMe && { needsMe: true as const }),
        ...(group !== null && { group }),
        ...(range !== '24h' && { range }),
      },
      ...(name !== '' && { migration: name }),
      ...(isOnWall && { view: 'wall' as const }),
    }));
  fc.assert(
    fc.property(route, (one) => {
      expect(readRoute(addressOf(one).replace(/^\.\//, ''))).toEqual(one);
    }),
  );
});

test('unknown parameters and values of an address are ignored', () => {
  expect(readRoute('?state=odd&needs=you&range=1y&view=odd&migration=&more=1')).toEqual({ filter: all });
  expect(addressOf({ filter: all })).toBe('./');
});

test('a label is added once and removed; a status is set, and removed when it is set again', () => {
  const one = withLabel(withLabel(all, 'team:payments'), 'team:payments');
  expect(one.labels).toEqual(['team:payments']);
  expect(withoutLabel(one, 'team:payments')).toEqual(all);
  expect(withStatus(all, 'ready')).toEqual({ ...all, status: 'ready' });
  expect(withStatus(withStatus(all, 'ready'), 'ready')).toEqual(all);
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
  expect(isShown(view, { ...all, search }, start)).toBe(found);
});

test.each([
  ['ready', ['sales']],
  ['nearly', ['orders']],
  ['nearly ready', ['orders']],
  ['read', ['sales']],
])('a search for "%s" finds where migrations stand by the beginning of the word: %j', (search, found) => {
  const near = { ...view, cadence: 'approaching' as const };
  const ready = { ...view, migration: 'sales', readyForCutover: true };
  const shown = [near, ready].filter((each) => isShown(each, { ...all, search }, start));
  expect(shown.map((each) => each.migration)).toEqual(found);
});

test.each([
  ['team:crm team:payments', true],
  ['team:crm tier:standard', false],
  ['team:crm tier:gold tier:standard', true],
])(
  'two labels of one name are alternatives, and labels of two names are both needed: %s is %s',
  (wanted, shown) => {
    const gold = { ...view, labels: { team: 'crm', tier: 'gold' } };
    expect(isShown(gold, { ...all, labels: wanted.split(' ') }, start)).toBe(shown);
  },
);

test.each<[Partial<MigrationView>, boolean]>([
  [{}, false],
  [{ settlement: 'COMPLETE' }, false],
  [{ settlement: 'FAILED' }, true],
  [{ readyForCutover: true }, true],
  [{ stalledForSeconds: 1_900 }, true],
  [{ reachable: false }, true],
])('only what somebody has to look at needs attention: %j is %s', (more, needs) => {
  expect(isShown({ ...view, ...more }, { ...all, needsMe: true }, start)).toBe(needs);
});

test('a migration is shown if it has all labels and the status', () => {
  expect(isShown(view, { ...all, labels: ['team:payments'] }, start)).toBe(true);
  expect(isShown(view, { ...all, labels: ['team:payments', 'tier:gold'] }, start)).toBe(false);
  expect(isShown(view, { ...all, status: 'copying' }, start)).toBe(true);
  expect(isShown(view, { ...all, status: 'ready' }, start)).toBe(false);
});
