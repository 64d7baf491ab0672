import { describe, expect, it, test } from 'vitest';
import { completeEvents, initialState } from '../../../src/watch/migration/event-draft.ts';
import { transitions } from '../../../src/watch/migration/transitions.ts';
import { minute, namesOf, orders, policy, start } from '../sample-migrations.ts';
import { play } from './played.ts';
import { ready, rules, working } from './transition-rules.ts';

const context = { target: orders, now: start, resumed: false, intervalMs: minute };

describe('a poll that succeeds', () => {
  it.each(rules)('$rule', ({ before, next, expected }) => {
    const { last } = play([...before, next]);
    expect(namesOf(last)).toEqual(expected.map(({ event }) => event));
    expect(last).toMatchObject(expected);
  });
});

describe('an event', () => {
  it('carries the migration, its latest observation and the one before', () => {
    const { last } = play([
      { status: 'NEW', lagTimeSeconds: 8 },
      { status: 'WORKING', lagTimeSeconds: 5, migrationHosts: ['a'] },
    ]);
    expect(last).toEqual([
      {
        time: '2026-11-23T23:01:00.000Z',
        level: 'info',
        service: 'cutover-watch',
        event: 'migration.status_changed',
        msg: 'orders went from NEW to WORKING.',
        eventId: expect.stringMatching(/^[0-9a-f]{32}$/) as unknown,
        migration: 'orders',
        groupId: orders.groupId,
        liveMigrationId: orders.liveMigrationId,
        labels: { team: 'payments' },
        status: 'WORKING',
        lagTimeSeconds: 5,
        migrationHosts: ['a'],
        observedAt: '2026-11-23T23:01:00.000Z',
        previous: { status: 'NEW', lagTimeSeconds: 8, observedAt: '2026-11-23T23:00:00.000Z' },
        from: 'NEW',
        to: 'WORKING',
      },
    ]);
  });

  it('leaves out labels where there are none, and a previous observation at first sight', () => {
    const unlabeled = { ...context, target: { ...orders, labels: {} } };
    const after = transitions(unlabeled, undefined, {}, policy);
    const events = completeEvents(unlabeled, initialState(start), after);
    expect(events).toHaveLength(1);
    expect(events[0]).not.toHaveProperty('labels');
    expect(events[0]).not.toHaveProperty('previous');
    expect(events[0]).not.toHaveProperty('gapSeconds');
  });

  it.each<[string, Parameters<typeof play>[0], number | undefined]>([
    ['an interval ago', [working, ready], undefined],
    ['two intervals ago, after a failed poll', [working, 'network', ready], undefined],
    ['three intervals ago, after two failed polls', [working, 'network', 'network', ready], 180],
    ['an interval ago, with a restart since', [working, { outcome: ready, restarted: true }], undefined],
    [
      'in the run before and read again in this one',
      [working, 'network', 'network', { outcome: 'network', restarted: true }, working, ready],
      undefined,
    ],
  ])('names the age of an observation that was made more than two intervals ago: %s', (_, polls, gap) => {
    const { last } = play(polls);
    expect(last.find(({ event }) => event === 'migration.ready_for_cutover')?.gapSeconds).toBe(gap);
  });

  it('of a second readiness has another id than that of the first', () => {
    const ids = play([working, ready, working, ready])
      .events.filter(({ event }) => event === 'migration.ready_for_cutover')
      .map((event) => event.eventId);
    expect(new Set(ids).size).toBe(2);
  });
});

const sinceOf = (...polls: Parameters<typeof play>[0]) => play(polls).state?.statusSince;

test('the time of the status is that of its latest change, and unknown for the first', () => {
  const silent = {};
  expect(sinceOf({ status: 'NEW' }, { status: 'NEW' })).toBeUndefined();
  expect(sinceOf({ status: 'NEW' }, working, silent, working)).toBe(start + minute);
  expect(sinceOf({ status: 'NEW' }, working, { status: 'FAILED' })).toBe(start + 2 * minute);
});

test('a clock that is set back gives no negative length of time', () => {
  const first = transitions(context, undefined, ready, policy);
  const earlier = { ...context, now: start - 3_600_000 };
  const after = transitions(earlier, first.state, working, policy);
  const events = completeEvents(earlier, first.state, after);
  expect(events).toMatchObject([{ event: 'migration.readiness_withdrawn', readyForSeconds: 0 }]);
});

test('a server that makes up statuses does not fill the memory', () => {
  const { state } = play(Array.from({ length: 50 }, (_, index) => ({ status: `MADE_UP_${index}` })));
  expect(state?.reportedStatuses).toHaveLength(20);
  expect(state?.reportedStatuses.at(-1)).toBe('MADE_UP_49');
});

test('what is remembered is not changed by another observation', () => {
  const before = Object.freeze(initialState(start));
  const { drafts } = transitions(context, before, ready, policy);
  expect(before).toEqual(initialState(start));
  expect(drafts.map(({ event }) => event)).toEqual(['migration.first_seen', 'migration.ready_for_cutover']);
});

describe('the id of a transition', () => {
  const { state } = play([{ status: 'NEW' }]);
  const idAt = (now: number): unknown => {
    const observed = { ...context, now };
    const before = state ?? initialState(start);
    const after = transitions(observed, before, { status: 'WORKING' }, policy);
    return completeEvents(observed, before, after)[0]?.eventId;
  };

  it('is the same when the same observation is compared again after a crash', () => {
    expect(idAt(start + minute)).toMatch(/^[0-9a-f]{32}$/);
    expect(idAt(start + minute)).toBe(idAt(start + minute));
  });

  it('is another one for a later observation, also from the same older state', () => {
    expect(idAt(start + 2 * minute)).not.toBe(idAt(start + minute));
  });
});
