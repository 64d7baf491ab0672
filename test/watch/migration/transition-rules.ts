import type { Outcome, PollOfHistory } from '../sample-migrations.ts';

/** One rule of the contract: what was polled before, what is polled now, and what it is worth. */
export interface Rule {
  readonly rule: string;
  readonly before: readonly (Outcome | PollOfHistory)[];
  readonly next: Outcome | PollOfHistory;
  /** The events of the last poll: their names and what is to be found in them. */
  readonly expected: readonly { readonly event: string; readonly [field: string]: unknown }[];
}

export const working = { status: 'WORKING', readyForCutover: false };
export const ready = { status: 'WORKING', readyForCutover: true };

export const rules: readonly Rule[] = [
  {
    rule: 'the first observation',
    before: [],
    next: { status: 'NEW', readyForCutover: false, lagTimeSeconds: 3 },
    expected: [{ event: 'migration.first_seen', status: 'NEW', readyForCutover: false, lagTimeSeconds: 3 }],
  },
  {
    rule: 'the first observation, of nothing but an id',
    before: [],
    next: {},
    expected: [{ event: 'migration.first_seen', observedAt: '2026-11-23T23:00:00.000Z' }],
  },
  { rule: 'the same again', before: [working], next: working, expected: [] },
  { rule: 'only the lag differs', before: [working], next: { ...working, lagTimeSeconds: 9 }, expected: [] },
  {
    rule: 'another status',
    before: [{ status: 'NEW' }],
    next: working,
    expected: [{ event: 'migration.status_changed', from: 'NEW', to: 'WORKING', status: 'WORKING' }],
  },
  { rule: 'a status after none', before: [{}], next: working, expected: [] },
  {
    rule: 'a status is compared with the latest one known',
    before: [{ status: 'NEW' }, {}],
    next: working,
    expected: [{ event: 'migration.status_changed', from: 'NEW', to: 'WORKING' }],
  },
  {
    rule: 'an undocumented status',
    before: [working],
    next: { status: 'PENDING' },
    expected: [
      { event: 'migration.status_changed', from: 'WORKING', to: 'PENDING' },
      { event: 'migration.unknown_status', status: 'PENDING' },
    ],
  },
  {
    rule: 'an undocumented status at first sight',
    before: [],
    next: { status: 'PENDING' },
    expected: [{ event: 'migration.first_seen' }, { event: 'migration.unknown_status' }],
  },
  {
    rule: 'an undocumented status stays',
    before: [{ status: 'PENDING' }],
    next: { status: 'PENDING' },
    expected: [],
  },
  {
    rule: 'an undocumented status comes back',
    before: [{ status: 'PENDING' }, working],
    next: { status: 'PENDING' },
    expected: [{ event: 'migration.status_changed' }],
  },
  {
    rule: 'another undocumented status',
    before: [{ status: 'PENDING' }],
    next: { status: 'PAUSED' },
    expected: [
      { event: 'migration.status_changed' },
      { event: 'migration.unknown_status', status: 'PAUSED' },
    ],
  },
  {
    rule: 'ready at first sight',
    before: [],
    next: { status: 'NEW', readyForCutover: true },
    expected: [
      { event: 'migration.first_seen' },
      { event: 'migration.ready_for_cutover', readySinceKnown: false, deadline: '2026-11-28T23:00:00.000Z' },
    ],
  },
  {
    rule: 'ready later',
    before: [working],
    next: ready,
    expected: [
      {
        event: 'migration.ready_for_cutover',
        level: 'warn',
        readySince: '2026-11-23T23:01:00.000Z',
        readySinceKnown: true,
        deadline: '2026-11-28T23:01:00.000Z',
        deadlineEstimated: true,
        previous: { status: 'WORKING', readyForCutover: false, observedAt: '2026-11-23T23:00:00.000Z' },
      },
    ],
  },
  { rule: 'still ready', before: [working, ready], next: ready, expected: [] },
  {
    rule: 'the flag is left out while ready',
    before: [working, ready],
    next: { status: 'WORKING' },
    expected: [],
  },
  { rule: 'the flag comes again after it was left out', before: [ready, {}], next: ready, expected: [] },
  {
    rule: 'readiness withdrawn',
    before: [working, ready, ready],
    next: working,
    expected: [{ event: 'migration.readiness_withdrawn', level: 'warn', readyForSeconds: 120 }],
  },
  { rule: 'never ready', before: [working], next: { readyForCutover: false }, expected: [] },
  {
    rule: 'other hosts',
    before: [{ migrationHosts: ['a', 'b'] }],
    next: { migrationHosts: ['c', 'a'] },
    expected: [
      { event: 'migration.hosts_changed', from: ['a', 'b'], to: ['c', 'a'], migrationHosts: ['c', 'a'] },
    ],
  },
  {
    rule: 'hosts in another order',
    before: [{ migrationHosts: ['a', 'b'] }],
    next: { migrationHosts: ['b', 'a'] },
    expected: [],
  },
  {
    rule: 'a host named twice is one host',
    before: [{ migrationHosts: ['a', 'b', 'a'] }],
    next: { migrationHosts: ['b', 'a', 'b'] },
    expected: [],
  },
  {
    rule: 'other hosts, one of them named twice',
    before: [{ migrationHosts: ['a'] }],
    next: { migrationHosts: ['b', 'b', 'c'] },
    expected: [{ event: 'migration.hosts_changed', from: ['a'], to: ['b', 'c'], migrationHosts: ['b', 'c'] }],
  },
  { rule: 'hosts left out', before: [{ migrationHosts: ['a'] }], next: {}, expected: [] },
  {
    rule: 'no hosts any more',
    before: [{ migrationHosts: ['a'] }],
    next: { migrationHosts: [] },
    expected: [],
  },
  { rule: 'the first hosts', before: [{}], next: { migrationHosts: ['a'] }, expected: [] },
  {
    rule: 'hosts are compared with the latest ones known',
    before: [{ migrationHosts: ['a'] }, {}, { migrationHosts: [] }],
    next: { migrationHosts: ['b'] },
    expected: [{ event: 'migration.hosts_changed', from: ['a'], to: ['b'] }],
  },
  {
    rule: 'complete after having been ready',
    before: [working, ready],
    next: { status: 'COMPLETE' },
    expected: [
      { event: 'migration.status_changed', from: 'WORKING', to: 'COMPLETE' },
      { event: 'migration.completed', level: 'info', observedForSeconds: 120, readyForSeconds: 60 },
    ],
  },
  {
    rule: 'complete after a readiness that was withdrawn just before',
    before: [ready, working],
    next: { status: 'COMPLETE' },
    expected: [{ event: 'migration.status_changed' }, { event: 'migration.completed', readyForSeconds: 120 }],
  },
  {
    rule: 'complete at first sight is neither ready nor withdrawn',
    before: [],
    next: { status: 'COMPLETE', readyForCutover: true },
    expected: [{ event: 'migration.first_seen' }, { event: 'migration.completed', observedForSeconds: 0 }],
  },
  {
    rule: 'failed while ready, which is no withdrawal',
    before: [ready],
    next: { status: 'FAILED', readyForCutover: false },
    expected: [{ event: 'migration.status_changed' }, { event: 'migration.failed', level: 'error' }],
  },
  {
    rule: 'expired, which is no readiness',
    before: [working],
    next: { status: 'EXPIRED', readyForCutover: true },
    expected: [{ event: 'migration.status_changed' }, { event: 'migration.expired', level: 'error' }],
  },
  {
    rule: 'everything at once, in the order of the catalogue',
    before: [
      { status: 'NEW', readyForCutover: false, migrationHosts: ['a'] },
      'network',
      'network',
      'network',
    ],
    next: { status: 'PENDING', readyForCutover: true, migrationHosts: ['b'] },
    expected: [
      { event: 'migration.status_changed' },
      { event: 'migration.unknown_status' },
      { event: 'migration.ready_for_cutover' },
      { event: 'migration.hosts_changed' },
      { event: 'watcher.recovered', downSeconds: 180 },
    ],
  },
  {
    rule: 'read again before it counted as unreachable',
    before: [working, 'network', 'network'],
    next: working,
    expected: [],
  },
  {
    rule: 'changed while the watcher was not running',
    before: [working],
    next: { outcome: ready, restarted: true, laterMs: 3_600_000 },
    expected: [{ event: 'migration.ready_for_cutover', gapSeconds: 3_660, readySinceKnown: true }],
  },
  {
    rule: 'ready when it can be read again',
    before: [working, 'network'],
    next: ready,
    expected: [{ event: 'migration.ready_for_cutover', readySinceKnown: true }],
  },
  {
    rule: 'unchanged while the watcher was not running',
    before: [ready],
    next: { outcome: ready, restarted: true },
    expected: [],
  },
  {
    rule: 'a retry of what had expired, under its id',
    before: [ready, { status: 'EXPIRED', readyForCutover: true }],
    next: { status: 'WORKING' },
    expected: [{ event: 'migration.status_changed', from: 'EXPIRED', to: 'WORKING' }],
  },
  {
    rule: 'ready after a retry, with a window of its own',
    before: [ready, { status: 'FAILED', readyForCutover: false }, working],
    next: ready,
    expected: [{ event: 'migration.ready_for_cutover', readySince: '2026-11-23T23:03:00.000Z' }],
  },
  {
    rule: 'ready at once after an end that was none, with the window of before',
    before: [ready, { status: 'COMPLETE' }],
    next: ready,
    expected: [
      { event: 'migration.status_changed', from: 'COMPLETE', to: 'WORKING' },
      {
        event: 'migration.ready_for_cutover',
        readySince: '2026-11-23T23:00:00.000Z',
        windowContinued: true,
      },
    ],
  },
  {
    rule: 'ready at once after it had expired, with a window of its own',
    before: [ready, { status: 'EXPIRED' }],
    next: ready,
    expected: [
      { event: 'migration.status_changed', from: 'EXPIRED', to: 'WORKING' },
      { event: 'migration.ready_for_cutover', readySince: '2026-11-23T23:02:00.000Z' },
    ],
  },
  {
    rule: 'the same end again',
    before: [{ status: 'COMPLETE' }],
    next: { status: 'COMPLETE' },
    expected: [],
  },
  {
    rule: 'another end',
    before: [{ status: 'FAILED' }],
    next: { status: 'EXPIRED' },
    expected: [
      { event: 'migration.status_changed', from: 'FAILED', to: 'EXPIRED' },
      { event: 'migration.expired' },
    ],
  },
];
