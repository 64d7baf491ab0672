import { describe, expect, it } from 'vitest';
import {
  compareUrgency,
  isCurrent,
  type Urgency,
  type UrgencyFacts,
  urgencyOf,
} from '../../../src/watch/migration/urgency.ts';

type Row = readonly [name: string, urgency: Urgency, facts: Partial<UrgencyFacts>];

/** The most urgent first. */
const inOrder: readonly Row[] = [
  ['overdue for long', 'overdue', { readyForCutover: true, deadline: '2026-11-23T21:00:00.000Z' }],
  [
    'overdue, ready when last read',
    'overdue',
    { readyForCutover: true, deadline: '2026-11-23T22:00:00.000Z', reachable: false },
  ],
  ['never read, polls fail', 'unknown', { observedAt: undefined, reachable: false }],
  ['never read', 'unknown', { observedAt: undefined }],
  [
    "ready, can't be read, little left",
    'ready',
    { readyForCutover: true, deadline: '2026-11-24T00:00:00.000Z', reachable: false },
  ],
  ['ready, much left', 'ready', { readyForCutover: true, deadline: '2026-11-28T23:00:00.000Z' }],
  ['ready, time left unknown', 'ready', { status: 'NEW', readyForCutover: true }],
  ['failed', 'failed', { status: 'FAILED', readyForCutover: true }],
  ['expired', 'failed', { settlement: 'EXPIRED', status: 'EXPIRED' }],
  [
    'no longer in Atlas',
    'failed',
    { settlement: 'DISAPPEARED', status: 'WORKING', readyForCutover: true, reachable: false },
  ],
  ["can't be read", 'unreachable', { status: 'WORKING', cadence: 'approaching', reachable: false }],
  ['stuck', 'stalled', { status: 'WORKING', cadence: 'approaching', stalledForSeconds: 2_520 }],
  ['near, soon', 'approaching', { status: 'WORKING', cadence: 'approaching', readyInSeconds: 90 }],
  ['near, later', 'approaching', { status: 'WORKING', cadence: 'approaching', readyInSeconds: 300 }],
  ['near, nobody knows', 'approaching', { status: 'WORKING', cadence: 'approaching' }],
  ['copying, soon', 'copying', { status: 'WORKING', cadence: 'default', readyInSeconds: 4_000 }],
  ['copying', 'copying', { status: 'WORKING', readyForCutover: false }],
  ['a word of its own, with a lag', 'copying', { status: 'CATCHING_UP', lagTimeSeconds: 9_000 }],
  ['new', 'waiting', { status: 'NEW', readyForCutover: false }],
  ['a word of its own', 'waiting', { status: 'PENDING' }],
  ['no status', 'waiting', {}],
  ['complete', 'done', { settlement: 'COMPLETE', status: 'COMPLETE', readyForCutover: true }],
  ['complete, by its status', 'done', { status: 'COMPLETE', reachable: false }],
];

const now = Date.parse('2026-11-23T23:00:00.000Z');
const observedAt = '2026-11-23T22:59:50.000Z';

const known = inOrder.map(([name, , facts]) => ({ name, observedAt, reachable: true, ...facts }));
const order = (one: UrgencyFacts, other: UrgencyFacts): number => compareUrgency(one, other, now);
const names = known.map(({ name }) => name);

describe('the urgency of a migration', () => {
  it.each(inOrder)('that is %s: %s', (_name, urgency, facts) => {
    expect(urgencyOf({ observedAt, reachable: true, ...facts }, now)).toBe(urgency);
  });

  it('puts the most urgent first, from whatever order', () => {
    // Another order, but with those that are equally urgent in theirs.
    const mixed = [
      ...known.filter((_, index) => index % 2 === 1),
      ...known.filter((_, index) => index % 2 === 0),
    ];
    const sorted = mixed.toSorted(order);
    expect(sorted.map((one) => urgencyOf(one, now))).toEqual(known.map((one) => urgencyOf(one, now)));
    expect(known.toSorted(order).map(({ name }) => name)).toEqual(names);
  });

  it.each([0, 4, 5, 6].map((index) => [known[index]?.name, index] as const))(
    'of one that is %s goes by the time left',
    (_name, index) => {
      const [one, other] = [known[index], known[index + 1]];
      if (one === undefined || other === undefined) throw new Error('no such row');
      expect(order(one, other)).toBeLessThan(0);
      expect(order(other, one)).toBeGreaterThan(0);
    },
  );

  it('is the same where neither is more urgent', () => {
    const copying = { status: 'WORKING', observedAt, reachable: true };
    expect(order(copying, { ...copying })).toBe(0);
  });
});

describe('what is known of a migration', () => {
  const read = { observedAt, reachable: true, intervalSeconds: 30 };
  it('is current for three intervals after it was read', () => {
    const readAt = Date.parse(observedAt);
    expect(isCurrent(read, readAt + 90_000)).toBe(true);
    expect(isCurrent(read, readAt + 90_001)).toBe(false);
  });

  it('is not current where it was never read or cannot be read', () => {
    expect(isCurrent({ ...read, observedAt: undefined }, now)).toBe(false);
    expect(isCurrent({ ...read, reachable: false }, now)).toBe(false);
  });
});
