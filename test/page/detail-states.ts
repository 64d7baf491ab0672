import { hour, minute } from '../watch/sample-migrations.ts';
import type { SampleMigration } from './fleet.ts';

/** One migration of each state whose detail a test looks at. Of those that look alike, one is checked by axe-core. */
export const states: readonly (SampleMigration & {
  readonly history?: 'day' | 'hours';
  readonly isChecked?: true;
})[] = [
  {
    name: 'orders',
    labels: { team: 'payments', tier: 'critical' },
    status: 'WORKING',
    lag: [9, 4],
    ready: { ageMs: hour },
    history: 'day',
  },
  {
    name: 'ledger',
    labels: { team: 'payments' },
    status: 'WORKING',
    lag: [9, 4],
    isChecked: true,
    ready: { ageMs: 125 * hour },
    history: 'day',
  },
  { name: 'search-index', status: 'WORKING', lag: [5_400, 2_900], history: 'hours', isChecked: true },
  { name: 'audit-log', status: 'WORKING', lag: [2_380, 2_410], stalledMs: 42 * minute, history: 'hours' },
  {
    name: 'invoices',
    status: 'WORKING',
    lag: [900, 840],
    seenMs: 3 * hour,
    outage: { kind: 'forbidden', ageMs: 3 * hour, failures: 360 },
    history: 'hours',
  },
  { name: 'billing', status: 'FAILED', settlement: 'FAILED', seenMs: 47 * minute },
  { name: 'inventory', status: 'COMPLETE', settlement: 'COMPLETE', seenMs: 5 * hour },
  { name: 'loyalty', neverRead: true, isChecked: true },
];
