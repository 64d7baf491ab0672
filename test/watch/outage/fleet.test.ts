import { describe, expect, it } from 'vitest';
import {
  evenFleet,
  hour,
  minute,
  policy,
  type Result,
  SimulatedFleet,
  type SimulatedMigration,
  second,
} from './simulated-fleet.ts';

const fleet200 = evenFleet(200, 10);
const begins = 10 * minute;
const ends = 20 * minute;

/** Plays half an hour, of which `failing` fail for ten minutes. */
function play(migrations: readonly SimulatedMigration[], failing: (key: string, atMs: number) => Result) {
  const fleet = new SimulatedFleet(migrations);
  fleet.run(70 * minute, (key, atMs) => (atMs >= begins && atMs < ends ? failing(key, atMs) : 'ok'));
  return {
    begun: fleet.reports
      .filter(({ event }) => event === 'unreachable')
      .map(({ of, migrations: count }) => `${of} ${count}`),
    ended: fleet.reports.filter(({ event }) => event === 'recovered').map(({ of }) => of),
    open: fleet.openScopes,
    reports: fleet.reports,
  };
}

const inProject = (groupId: string, from: readonly SimulatedMigration[] = fleet200) =>
  new Set(from.filter((migration) => migration.groupId === groupId).map(({ key }) => key));
const project3 = inProject('p3');
const onTwoSchedules = [
  ...evenFleet(2, 1, 5 * second),
  ...evenFleet(2, 1, 20 * minute).map((migration) => ({ ...migration, key: `slow ${migration.key}` })),
];

interface Row {
  readonly rule: string;
  readonly migrations?: readonly SimulatedMigration[];
  readonly failing: (key: string, atMs: number) => Result;
  /** What is reported, with the number of migrations. */
  readonly begun: readonly string[];
}

const rows: readonly Row[] = [
  { rule: 'all of 200 fail: one event', failing: () => 'network', begun: ['account 200'] },
  {
    rule: '199 of 200 fail: one event',
    failing: (key) => (key === 'm7' ? 'ok' : 'network'),
    begun: ['account 199'],
  },
  {
    rule: 'all are forbidden: one event',
    failing: () => 'forbidden',
    begun: ['account 200'],
  },
  {
    rule: 'one project of 20 is forbidden: one event of the project',
    failing: (key) => (project3.has(key) ? 'forbidden' : 'ok'),
    begun: ['p3 20'],
  },
  {
    rule: 'one project of 20 answers 500: one event of the project',
    failing: (key) => (project3.has(key) ? 'server_error' : 'ok'),
    begun: ['p3 20'],
  },
  {
    rule: 'all fail with one lucky answer in the middle: one event and no recovery in between',
    failing: (key, atMs) =>
      key === 'm5' && atMs >= begins + 5 * minute && atMs < begins + 5.5 * minute ? 'ok' : 'network',
    begun: ['account 200'],
  },
  {
    rule: 'all fail with one lucky answer before it is reported: one event',
    failing: (key, atMs) =>
      key === 'm5' && atMs >= begins + 45 * second && atMs < begins + 75 * second ? 'ok' : 'network',
    begun: ['account 200'],
  },
  {
    rule: '2 on a 5 s and 2 on a 20 min schedule, all fail: the slow ones are polled at once, one event',
    migrations: onTwoSchedules,
    failing: () => 'network',
    begun: ['account 4'],
  },
  {
    rule: '2 on a 5 s schedule fail, 2 on a 20 min schedule answer when they are asked: two events',
    migrations: onTwoSchedules,
    failing: (key) => (key.startsWith('slow') ? 'ok' : 'network'),
    begun: ['m0 1', 'm1 1'],
  },
  {
    rule: 'one alone fails: one event',
    failing: (key) => (key === 'm9' ? 'network' : 'ok'),
    begun: ['m9 1'],
  },
  {
    rule: '3 of 20 of a project fail: three events',
    failing: (key) => ([...project3].slice(0, 3).includes(key) ? 'network' : 'ok'),
    begun: ['m3 1', 'm13 1', 'm23 1'],
  },
  {
    rule: 'two of two fail: one event',
    migrations: evenFleet(2, 1),
    failing: () => 'network',
    begun: ['account 2'],
  },
  {
    rule: 'two of two fail, each in its own project: one event',
    migrations: evenFleet(2, 2),
    failing: () => 'network',
    begun: ['account 2'],
  },
  {
    rule: 'a single one fails: one event',
    migrations: evenFleet(1, 1),
    failing: () => 'network',
    begun: ['m0 1'],
  },
  {
    rule: 'a project on a fast schedule is forbidden, the others are polled rarely: one event of the project',
    migrations: [
      ...evenFleet(10, 1, 5 * second),
      ...evenFleet(4, 2, 20 * minute).map(({ key, groupId, ...rest }) => ({
        ...rest,
        key: `slow ${key}`,
        groupId: `slow ${groupId}`,
      })),
    ],
    failing: (key) => (key.startsWith('slow') ? 'ok' : 'forbidden'),
    begun: ['p0 10'],
  },
  {
    rule: 'ids of a whole project that are not found concern each migration alone',
    migrations: evenFleet(3, 1),
    failing: () => 'not_found',
    begun: ['m0 1', 'm1 1', 'm2 1'],
  },
];

describe('A fleet of which some fail for ten minutes', () => {
  it.each(rows)('$rule', ({ migrations = fleet200, failing, begun }) => {
    const played = play(migrations, failing);
    expect(played.begun.toSorted()).toEqual(begun.toSorted());
    expect(new Set(played.ended)).toEqual(new Set(begun.map((each) => each.replace(/ \d+$/, ''))));
    expect(played.ended).toHaveLength(begun.length);
    expect(played.open).toEqual([]);
    const firstEnd = played.reports.find(({ event }) => event === 'recovered')?.atMs;
    expect(firstEnd).toBeGreaterThanOrEqual(ends);
  });
});

describe('An hour of refused credentials', () => {
  const fleet = new SimulatedFleet(fleet200);
  fleet.run(90 * minute, (_, atMs) => (atMs >= begins && atMs < begins + hour ? 'unauthorized' : 'ok'));
  const opening = fleet.reports[0]?.atMs ?? 0;
  const polls = fleet.polls.filter(({ atMs }) => atMs > opening && atMs < begins + hour);

  it('is reported once, at the second failure, and ends with the first success', () => {
    expect(fleet.reports.map(({ event, of, migrations }) => `${event} ${of} ${migrations}`)).toEqual([
      'unreachable account 200',
      'recovered account 200',
    ]);
    expect(opening).toBeLessThan(begins + 10 * second);
    expect(fleet.reports[1]?.atMs).toBeLessThan(begins + hour + minute);
  });

  it('is polled by the probe alone once the scope is open, about once a minute', () => {
    expect(new Set(polls.map(({ key }) => key)).size).toBe(1);
    expect(polls.length).toBeGreaterThan(55);
    expect(polls.length).toBeLessThan(66);
  });
});

describe('An outage of all', () => {
  it('behind the outage of one is reported for all (semantics V1)', () => {
    const fleet = new SimulatedFleet(evenFleet(3, 1, 5 * second));
    fleet.run(10 * minute, (key, atMs) => {
      if (key === 'm1' && atMs < 8 * minute) return 'server_error';
      return atMs >= 100 * second && atMs < 5 * minute ? 'server_error' : 'ok';
    });
    expect(fleet.reports.map(({ event, of, migrations }) => `${event} ${of} ${migrations}`)).toEqual([
      'unreachable m1 1',
      'unreachable account 3',
      'recovered account 3',
      'recovered m1 1',
    ]);
  });

  it('that ends for most leaves the others to be reported for themselves', () => {
    const fleet = new SimulatedFleet(evenFleet(10, 1));
    fleet.run(20 * minute, (key, atMs) =>
      atMs < 10 * minute || key === 'm0' || key === 'm1' ? 'network' : 'ok',
    );
    expect(fleet.reports.map(({ event, of }) => `${event} ${of}`).toSorted()).toEqual(
      ['unreachable account', 'recovered account', 'unreachable m0', 'unreachable m1'].toSorted(),
    );
  });

  it('is neither reported again nor ended by a restart', () => {
    const fleet = new SimulatedFleet(evenFleet(10, 2));
    fleet.run(5 * minute, () => 'network');
    fleet.restart();
    fleet.run(5 * minute, (key, atMs) => (key === 'm0' && atMs < 5.5 * minute ? 'ok' : 'network'));
    expect(fleet.reports.map(({ event, of }) => `${event} ${of}`)).toEqual(['unreachable account']);
  });

  it('is reported again every remindEvery', () => {
    const fleet = new SimulatedFleet(evenFleet(10, 2), { ...policy, outageRemindEveryMs: hour });
    fleet.run(150 * minute, () => 'network');
    expect(fleet.reports.map(({ event, of }) => `${event} ${of}`)).toEqual([
      'unreachable account',
      'reminder account',
      'reminder account',
    ]);
  });

  it('ends with an event when a reload leaves one migration, which is then reported for itself', () => {
    const migrations = evenFleet(3, 1);
    const fleet = new SimulatedFleet(migrations);
    fleet.run(5 * minute, () => 'network');
    fleet.replace(migrations.slice(0, 1));
    fleet.run(5 * minute, () => 'network');
    expect(fleet.reports.map(({ event, of }) => `${event} ${of}`)).toEqual([
      'unreachable account',
      'recovered account',
      'unreachable m0',
    ]);
  });
});
