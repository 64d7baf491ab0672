import { describe, expect, it } from 'vitest';
import {
  compareUrgency,
  type Urgency,
  type UrgencyFacts,
  urgencyOf,
} from '../../../src/watch/migration/urgency.ts';

type Row = readonly [name: string, urgency: Urgency, facts: Partial<UrgencyFacts>];

/** The most urgent first. */
const inOrder: readonly Row[] = [
  ['ready, past its deadline', 'ready', { readyForCutover: true, deadline: '2026-11-23T22:00:00.000Z' }],
  [
    'ready, out of reach, little left',
    'ready',
    { readyForCutover: true, deadline: '2026-11-24T00:00:00.000Z', reachable: false },
  ],
  ['ready, much left', 'ready', { readyForCutover: true, deadline: '2026-11-28T23:00:00.000Z' }],
  ['ready, time left unknown', 'ready', { status: 'NEW', readyForCutover: true }],
  ['failed', 'failed', { status: 'FAILED', readyForCutover: true }],
  ['expired', 'failed', { settlement: 'EXPIRED', status: 'EXPIRED' }],
  [
    'gone',
    'failed',
    { settlement: 'DISAPPEARED', status: 'WORKING', readyForCutover: true, reachable: false },
  ],
  ['out of reach', 'unreachable', { status: 'WORKING', cadence: 'approaching', reachable: false }],
  ['never read', 'unreachable', { reachable: false }],
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

const known = inOrder.map(([name, , facts]) => ({ name, reachable: true, ...facts }));
const names = known.map(({ name }) => name);

describe('the urgency of a migration', () => {
  it.each(inOrder)('that is %s: %s', (_name, urgency, facts) => {
    expect(urgencyOf({ reachable: true, ...facts })).toBe(urgency);
  });

  it('puts the most urgent first, from whatever order', () => {
    // Another order, but with those that are equally urgent in theirs.
    const mixed = [
      ...known.filter((_, index) => index % 2 === 1),
      ...known.filter((_, index) => index % 2 === 0),
    ];
    const sorted = mixed.toSorted(compareUrgency);
    expect(sorted.map(urgencyOf)).toEqual(known.map(urgencyOf));
    expect(known.toSorted(compareUrgency).map(({ name }) => name)).toEqual(names);
  });

  it.each(known.slice(0, 4).map(({ name }, index) => [name, index] as const))(
    'of one that is %s goes by the time left',
    (_name, index) => {
      const [one, other] = [known[index], known[index + 1]];
      if (one === undefined || other === undefined) throw new Error('no such row');
      expect(compareUrgency(one, other)).toBeLessThan(0);
      expect(compareUrgency(other, one)).toBeGreaterThan(0);
    },
  );

  it('is the same where neither is more urgent', () => {
    const copying = { status: 'WORKING', reachable: true };
    expect(compareUrgency(copying, { ...copying })).toBe(0);
  });
});
