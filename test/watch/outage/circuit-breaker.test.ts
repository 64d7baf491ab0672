import { describe, expect, it } from 'vitest';
import type { ScopeOutage } from '../../../src/state/migration-state.ts';
import {
  nextScopeOutage,
  type ScopeHealth,
  type ScopePoll,
  type ScopeStep,
} from '../../../src/watch/outage/circuit-breaker.ts';
import { hour, minute, start } from './simulated-fleet.ts';

const now = start + 10 * minute;
const open: ScopeOutage = {
  scope: 'account',
  since: start,
  reportedAt: start + minute,
  migrations: 10,
  errorType: 'network',
  probe: 'a',
};
const refused: ScopeOutage = { ...open, errorType: 'unauthorized' };
const allFail: ScopeHealth = { members: 10, failing: 10, answering: 0 };

const recovered: ScopeStep = { state: 'closed', reason: 'recovered' };
const stays = (outage: ScopeOutage): ScopeStep => ({ state: 'open', outage, reminder: false });

interface Row {
  readonly rule: string;
  readonly outage: ScopeOutage;
  readonly health?: ScopeHealth;
  readonly poll?: Partial<ScopePoll>;
  readonly remindEveryMs?: number;
  readonly step: ScopeStep;
}

describe('An open scope', () => {
  it.each<Row>([
    { rule: 'stays open while all fail', outage: open, poll: { result: 'network' }, step: stays(open) },
    {
      rule: 'stays open after one lucky answer',
      outage: open,
      health: { members: 10, failing: 9, answering: 1 },
      poll: { result: 'ok' },
      step: stays(open),
    },
    {
      rule: 'stays open while half of its members fail',
      outage: open,
      health: { members: 10, failing: 5, answering: 5 },
      poll: { result: 'ok' },
      step: stays(open),
    },
    {
      rule: 'closes when fewer than half of its members fail',
      outage: open,
      health: { members: 10, failing: 4, answering: 6 },
      poll: { result: 'ok' },
      step: recovered,
    },
    {
      rule: 'is judged by the members that are known, not by those on a slow schedule',
      outage: open,
      health: { members: 100, failing: 2, answering: 1 },
      poll: { result: 'ok' },
      step: stays(open),
    },
    {
      rule: 'stays open while nothing is known of its members',
      outage: open,
      health: { members: 10, failing: 0, answering: 0 },
      step: stays(open),
    },
    {
      rule: 'closes with an event when a reload leaves one member',
      outage: open,
      health: { members: 1, failing: 1, answering: 0 },
      step: { state: 'closed', reason: 'too_few_members' },
    },
    {
      rule: 'closes with the first success after refused credentials',
      outage: refused,
      health: { members: 10, failing: 9, answering: 1 },
      poll: { result: 'ok' },
      step: recovered,
    },
    {
      rule: 'closes when the probe is not found: its credentials were accepted',
      outage: refused,
      poll: { result: 'not_found' },
      step: recovered,
    },
    {
      rule: 'closes when the probe is forbidden: its credentials were accepted',
      outage: refused,
      poll: { result: 'forbidden' },
      step: recovered,
    },
    {
      rule: 'stays open while credentials are refused',
      outage: refused,
      poll: { result: 'unauthorized' },
      step: stays(refused),
    },
    {
      rule: 'stays open after a failure that says nothing about credentials',
      outage: refused,
      poll: { result: 'timeout' },
      step: stays(refused),
    },
    {
      rule: 'stays open after refused credentials when a reload asks',
      outage: refused,
      step: stays(refused),
    },
    {
      rule: 'is reported again after remindEvery, with the members that do not answer by then',
      outage: open,
      health: { members: 12, failing: 11, answering: 1 },
      poll: { now: open.reportedAt + hour },
      remindEveryMs: hour,
      step: {
        state: 'open',
        outage: { ...open, reportedAt: open.reportedAt + hour, migrations: 11 },
        reminder: true,
      },
    },
    {
      rule: 'is not reported again before',
      outage: open,
      poll: { now: open.reportedAt + hour - 1 },
      remindEveryMs: hour,
      step: stays(open),
    },
    {
      rule: 'is never reported again where reminders are off',
      outage: open,
      poll: { now: open.reportedAt + 1_000 * hour },
      step: stays(open),
    },
    {
      rule: 'counts to the next reminder from now on after the clock was set back',
      outage: open,
      poll: { now: start - hour },
      remindEveryMs: hour,
      step: stays({ ...open, reportedAt: start - hour }),
    },
  ])('$rule', ({ outage, health = allFail, poll = {}, remindEveryMs = 0, step }) => {
    expect(nextScopeOutage(outage, health, { now, ...poll }, remindEveryMs)).toEqual(step);
  });
});
