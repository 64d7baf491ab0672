import { describe, expect, it, test } from 'vitest';
import type { MigrationReading } from '../../../src/atlas/migration-reply.ts';
import type { EventRecord } from '../../../src/events/event-record.ts';
import { initialState } from '../../../src/watch/migration/event-draft.ts';
import { transitions } from '../../../src/watch/migration/transitions.ts';
import { minute, namesOf, orders, play, policy, start } from '../sample-migrations.ts';
import { ready, rules, working } from './transition-rules.ts';

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
    const { events } = transitions(
      { ...orders, labels: {} },
      undefined,
      { observedAt: start },
      policy,
      false,
    );
    expect(events[0]).not.toHaveProperty('labels');
    expect(events[0]).not.toHaveProperty('previous');
    expect(events[0]).not.toHaveProperty('whileDown');
  });

  it('is while down only in the first observation after a restart', () => {
    const { events } = play([working, { outcome: ready, restarted: true }, working]);
    expect(events.map((event) => event.whileDown)).toEqual([undefined, true, undefined]);
    expect(events[1]?.msg).toMatch(/\(Noticed after a restart\.\)$/);
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
  const first = transitions(orders, undefined, { ...ready, observedAt: start }, policy, false);
  const earlier = { ...working, observedAt: start - 3_600_000 };
  const { events } = transitions(orders, first.state, earlier, policy, false);
  expect(events).toMatchObject([{ event: 'migration.readiness_withdrawn', readyForSeconds: 0 }]);
});

test('a server that makes up statuses does not fill the memory', () => {
  const { state } = play(Array.from({ length: 50 }, (_, index) => ({ status: `MADE_UP_${index}` })));
  expect(state?.reportedStatuses).toHaveLength(20);
  expect(state?.reportedStatuses.at(-1)).toBe('MADE_UP_49');
});

test('what is remembered is not changed by another observation', () => {
  const before = Object.freeze(initialState(start));
  const { state } = transitions(orders, before, { ...ready, observedAt: start }, policy, false);
  expect(before).toEqual(initialState(start));
  expect(state.occurrences).toEqual({ 'migration.first_seen': 1, 'migration.ready_for_cutover': 1 });
});

describe('a change found again after the memory of it was lost', () => {
  const { state } = play([{ status: 'NEW', migrationHosts: ['a'] }]);
  const idsOf = (...readings: readonly MigrationReading[]) => play(readings, state).events.map(idOf);

  it('has the id of before', () => {
    expect(idsOf({ status: 'WORKING' })).toEqual(idsOf({ status: 'WORKING' }));
  });

  it.each<readonly [string, MigrationReading, MigrationReading]>([
    ['status', { status: 'WORKING' }, { status: 'COMPLETE' }],
    ['hosts', { migrationHosts: ['b'] }, { migrationHosts: ['c'] }],
  ])('and that spans two of its %s has an id of its own', (_what, one, other) => {
    const [toOne, oneToOther] = idsOf(one, other);
    const [toOther] = idsOf(other);
    expect(new Set([toOne, oneToOther, toOther]).size).toBe(3);
  });
});

function idOf({ eventId }: EventRecord): unknown {
  return eventId;
}
