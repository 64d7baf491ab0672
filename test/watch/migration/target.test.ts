import { expect, test } from 'vitest';
import { targetChanges } from '../../../src/watch/migration/target.ts';
import { orders, targetOf } from '../sample-migrations.ts';

const customers = { ...targetOf(1), name: 'customers' };
const none = { added: [], removed: [], changed: [] };

test.each([
  ['nothing', [orders, customers], [customers, orders], none],
  ['one more', [orders], [orders, customers], { ...none, added: ['customers'] }],
  ['one less', [orders, customers], [customers], { ...none, removed: ['orders'] }],
  ['another name', [orders], [{ ...orders, name: 'sales' }], { ...none, changed: ['sales'] }],
  ['another label', [orders], [{ ...orders, labels: { team: 'sales' } }], { ...none, changed: ['orders'] }],
  [
    'another window of its own',
    [{ ...orders, cutover: { window: 1 } }, customers],
    [
      { ...orders, cutover: { window: 2 } },
      { ...customers, watch: { stallAfter: 1 } },
    ],
    { ...none, changed: ['orders', 'customers'] },
  ],
  [
    'the same labels in another order',
    [{ ...orders, labels: { a: '1', b: '2' } }],
    [{ ...orders, labels: { b: '2', a: '1' } }],
    none,
  ],
  [
    'the same name for another migration',
    [orders],
    [{ ...customers, name: 'orders' }],
    { ...none, added: ['orders'], removed: ['orders'] },
  ],
])('%s', (_, former, next, changes) => {
  expect(targetChanges(former, next)).toEqual(changes);
});
