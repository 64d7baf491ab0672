import { describe, expect, it } from 'vitest';
import type { MigrationState, ScopeOutage } from '../../../src/state/migration-state.ts';
import { initialState } from '../../../src/watch/migration/event-draft.ts';
import {
  pollFailed,
  reportMigration,
  scopeRecovered,
  scopeUnreachable,
} from '../../../src/watch/outage/outage-events.ts';
import { errorOf, hour, minute, orders, policy, start } from '../sample-migrations.ts';

const now = start + 2 * minute;
const context = { target: orders, now };
const failing: MigrationState = {
  ...initialState(start),
  known: { status: 'WORKING' },
  observation: { status: 'WORKING', observedAt: start },
  outage: { failures: 4, since: start + minute, errorType: 'network' },
};
const error = errorOf('network');
const account: ScopeOutage = {
  scope: 'account',
  since: start,
  reportedAt: now,
  migrations: 4,
  errorType: 'network',
  probe: 'a',
};
const project: ScopeOutage = { ...account, scope: 'project', groupId: orders.groupId };
const migrationFields = ['migration', 'liveMigrationId', 'labels', 'status', 'observedAt', 'failures'];

describe('The report of one migration', () => {
  it('says what is known of it, since when its polls fail and why, and is remembered', () => {
    const { state, events } = reportMigration(context, failing, error, false);
    expect(state).toEqual({ ...failing, outage: { ...failing.outage, reportedAt: now } });
    expect(events).toMatchObject([
      {
        event: 'watcher.unreachable',
        scope: 'migration',
        migration: 'orders',
        groupId: orders.groupId,
        status: 'WORKING',
        errorType: 'network',
        remedy: error.remedy,
        since: '2026-11-23T23:01:00.000Z',
        failures: 4,
      },
    ]);
    expect(events[0]).not.toHaveProperty('reminder');
    expect(events[0]).not.toHaveProperty('migrations');
  });

  it('has one id whenever it is emitted, and each reminder an id of its own', () => {
    const idAt = (at: number, reminder: boolean): unknown =>
      reportMigration({ ...context, now: at }, failing, error, reminder).events[0]?.eventId;
    expect(idAt(now + minute, false)).toBe(idAt(now, false));
    const ids = [idAt(now, false), idAt(now + hour, true), idAt(now + 2 * hour, true)];
    expect(new Set(ids).size).toBe(3);
    expect(reportMigration(context, failing, error, true).events).toMatchObject([{ reminder: true }]);
  });

  it('is none for a migration that is not failing', () => {
    const { outage: _none, ...read } = failing;
    expect(reportMigration(context, read, error, false)).toEqual({ state: read, events: [] });
  });
});

describe.each([
  { rule: 'the account', outage: account, identity: { scope: 'account' } },
  { rule: 'a project', outage: project, identity: { scope: 'project', groupId: orders.groupId } },
])('The events of $rule', ({ outage, identity }) => {
  const opened = scopeUnreachable(outage, error, now, false);
  const closed = scopeRecovered(outage, now + minute);

  it('carry the scope and how many migrations fail, and no field of a migration', () => {
    expect(opened).toMatchObject({
      event: 'watcher.unreachable',
      ...identity,
      migrations: 4,
      errorType: 'network',
    });
    expect(closed).toMatchObject({
      event: 'watcher.recovered',
      ...identity,
      migrations: 4,
      downSeconds: 180,
    });
    for (const field of migrationFields) {
      expect(opened).not.toHaveProperty(field);
      expect(closed).not.toHaveProperty(field);
    }
    expect('groupId' in opened).toBe(outage.groupId !== undefined);
  });

  it('have an id of their own for the opening, each reminder and the closing', () => {
    const reminder = scopeUnreachable(outage, error, now + hour, true);
    expect(reminder).toMatchObject({ reminder: true, since: opened.since });
    // A scope that opens again after a restart may have the same first failure.
    expect(scopeUnreachable(outage, error, now + minute, false).eventId).not.toBe(opened.eventId);
    const other = outage === account ? project : account;
    const ids = [opened, reminder, closed, scopeUnreachable(other, error, now, false)].map(
      ({ eventId }) => eventId,
    );
    expect(new Set(ids).size).toBe(4);
  });
});

describe('The line of a failed poll', () => {
  it.each([
    {
      rule: 'is a warning, and says after how long the outage is reported',
      state: failing,
      repeated: false,
      line: { level: 'warn', attempts: 4, failures: 4, reportedAfterSeconds: 90 },
      absent: 'repeated',
    },
    {
      rule: 'is for debugging where one of its errorType was a warning just before',
      state: failing,
      repeated: true,
      line: { level: 'debug', repeated: true },
      absent: 'scope',
    },
    {
      rule: 'says that a failure which waiting does not cure is reported at once',
      state: { ...failing, outage: { failures: 1, since: start, errorType: 'forbidden' as const } },
      repeated: false,
      line: { reportedAfterSeconds: 0 },
      absent: 'repeated',
    },
    {
      rule: 'says no more when the outage is reported once it has been',
      state: {
        ...failing,
        outage: { failures: 9, since: start, errorType: 'network' as const, reportedAt: now },
      },
      repeated: false,
      line: { failures: 9 },
      absent: 'reportedAfterSeconds',
    },
    {
      rule: 'explains the first 404 of a migration that was seen',
      state: { ...failing, notFoundInARow: 1 },
      repeated: false,
      line: { remedy: expect.stringMatching(/^It was there before: /) as unknown },
      absent: 'repeated',
    },
  ])('$rule', ({ state, repeated, line, absent }) => {
    const lines = pollFailed(context, state, { error, attempts: 4, repeated }, policy);
    expect(lines).toMatchObject([{ event: 'watcher.poll_failed', ...line }]);
    expect(lines[0]).not.toHaveProperty(absent);
  });

  it('is an error after a fault of the watcher itself', () => {
    const failed = { error: errorOf('internal'), attempts: 1, repeated: true };
    expect(pollFailed(context, failing, failed, policy)).toMatchObject([
      { level: 'error', errorType: 'internal' },
    ]);
  });

  it('is none for a migration that has just disappeared', () => {
    const { outage: _over, ...rest } = failing;
    const gone = { ...rest, settlement: 'DISAPPEARED' as const };
    const failed = { error: errorOf('not_found'), attempts: 1, repeated: false };
    expect(pollFailed(context, gone, failed, policy)).toEqual([]);
  });
});
