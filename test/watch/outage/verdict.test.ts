import { describe, expect, it } from 'vitest';
import type { Outage, ScopeOutage } from '../../../src/state/migration-state.ts';
import type { ScopeMember } from '../../../src/watch/outage/evidence.ts';
import { type ProbeRequest, Scopes } from '../../../src/watch/outage/scopes.ts';
import { type OutageVerdict, outageVerdict } from '../../../src/watch/outage/verdict.ts';
import { hour, minute, policy, second, start } from './simulated-fleet.ts';

const now = start + 2 * minute;
const failing: Outage = { failures: 4, since: start, errorType: 'network' };
const refused: Outage = { failures: 2, since: now - 5 * second, errorType: 'unauthorized' };

/** A member of project `p` polled a second ago. */
function member(key: string, outage?: Outage, rest: Partial<ScopeMember> = {}): ScopeMember {
  return { key, groupId: 'p', settled: false, outage, endedAt: now - second, ...rest };
}

const account: ScopeOutage = {
  scope: 'account',
  since: start,
  reportedAt: start + 90 * second,
  migrations: 4,
  errorType: 'network',
  probe: 'b',
};

interface VerdictRow {
  readonly rule: string;
  readonly subject: ScopeMember;
  readonly others?: readonly ScopeMember[];
  readonly open?: readonly ScopeOutage[];
  readonly closedAt?: number;
  readonly probes?: ProbeRequest;
  readonly remindEveryMs?: number;
  readonly verdict: OutageVerdict;
}

const notPolled = { endedAt: undefined };
const openedFor = (migrations: number, rest: Partial<ScopeOutage> = {}): OutageVerdict => ({
  open: { ...account, since: start, reportedAt: now, migrations, probe: 'a', ...rest },
});

describe('For a failing migration is due', () => {
  it.each<VerdictRow>([
    { rule: 'nothing while it answers', subject: member('a'), verdict: 'none' },
    {
      rule: 'nothing before it is unreachable',
      subject: member('a', { ...failing, since: now - minute }),
      verdict: 'none',
    },
    { rule: 'nothing once it is settled', subject: member('a', failing, { settled: true }), verdict: 'none' },
    { rule: 'its report when it is the only migration', subject: member('a', failing), verdict: 'report' },
    {
      rule: 'nothing before its first poll of this run',
      subject: member('a', failing, notPolled),
      verdict: 'none',
    },
    {
      rule: 'its report when the others answer',
      subject: member('a', failing),
      others: [member('b'), member('c'), member('d')],
      verdict: 'report',
    },
    {
      rule: 'the opening of the account when all fail',
      subject: member('a', failing),
      others: [member('b', failing), member('c', failing), member('d', failing)],
      verdict: openedFor(4),
    },
    {
      rule: 'the opening of the account when four of five fail',
      subject: member('a', failing),
      others: [member('b', failing), member('c', failing), member('d', failing), member('e')],
      verdict: openedFor(4),
    },
    {
      rule: 'its report when three of four fail',
      subject: member('a', failing),
      others: [member('b', failing), member('c', failing), member('d')],
      verdict: 'report',
    },
    {
      rule: 'the opening of the account by others that fail with another error',
      subject: member('a', failing),
      others: [member('b', { ...failing, errorType: 'timeout' })],
      verdict: openedFor(2),
    },
    {
      rule: 'no opening by refused credentials when others fail with another error: they would be held back',
      subject: member('a', refused),
      others: [member('b', { ...failing, errorType: 'timeout' })],
      verdict: 'report',
    },
    {
      rule: 'its report when another one is not found and none fails alike',
      subject: member('a', failing),
      others: [member('b', { ...failing, errorType: 'not_found' })],
      verdict: 'report',
    },
    {
      rule: 'its report when it is not found itself, also in an open scope',
      subject: member('a', { ...failing, errorType: 'not_found' }),
      others: [member('b', failing)],
      open: [account],
      verdict: 'report',
    },
    {
      rule: 'its report after an internal fault, also in an open scope',
      subject: member('a', { ...failing, errorType: 'internal' }),
      others: [member('b', failing)],
      open: [account],
      verdict: 'report',
    },
    {
      rule: 'nothing while an open scope covers it',
      subject: member('a', failing),
      others: [member('b', failing)],
      open: [account],
      verdict: 'none',
    },
    {
      rule: 'nothing while its failure is older than the closing of its scope',
      subject: member('a', failing),
      others: [member('b'), member('c', failing)],
      closedAt: now - 500,
      verdict: 'none',
    },
    {
      rule: 'a new opening from the closing on when it fails with the others again',
      subject: member('a', failing),
      others: [member('b', failing), member('c', failing)],
      closedAt: now - 2 * second,
      verdict: openedFor(3, { since: now - 2 * second }),
    },
    {
      rule: 'the opening of its project when all of that fail and other projects answer',
      subject: member('a', failing),
      others: [
        member('b', failing),
        ...['c', 'd', 'e'].map((key) => member(key, undefined, { groupId: 'q' })),
      ],
      verdict: openedFor(2, { scope: 'project', groupId: 'p' }),
    },
    {
      rule: 'the opening of its project, not of the account, when that is nearly all of the account',
      subject: member('a', failing),
      others: [
        ...['b', 'c', 'd', 'e', 'f', 'g', 'h'].map((key) => member(key, failing)),
        member('i', undefined, { groupId: 'q' }),
      ],
      verdict: openedFor(8, { scope: 'project', groupId: 'p' }),
    },
    {
      rule: 'its report when nobody else is in its project and the other projects answer',
      subject: member('a', failing),
      others: ['b', 'c', 'd'].map((key) => member(key, undefined, { groupId: key })),
      verdict: 'report',
    },
    {
      rule: 'a poll of the others when none has been polled since',
      subject: member('a', failing),
      others: [member('b', undefined, notPolled), member('c', undefined, { endedAt: start - second })],
      verdict: 'probe_others',
    },
    {
      rule: 'a poll of the others when one of three has been polled since',
      subject: member('a', failing),
      others: [
        member('b', failing),
        member('c', undefined, notPolled),
        member('d', undefined, { endedAt: start - second }),
      ],
      verdict: 'probe_others',
    },
    {
      rule: 'a poll of another project when its own fails and no other has been polled since',
      subject: member('a', failing),
      others: [member('b', failing), member('c', undefined, { groupId: 'q', endedAt: undefined })],
      verdict: 'probe_others',
    },
    {
      rule: 'nothing while polls of others are under way',
      subject: member('a', failing),
      others: [member('b', undefined, notPolled)],
      probes: { askedAt: now - 14 * second, keys: ['b'] },
      verdict: 'none',
    },
    {
      rule: 'its report 15 s after the others were asked, though they have not ended',
      subject: member('a', failing),
      others: [member('b', undefined, notPolled)],
      probes: { askedAt: now - 15 * second, keys: ['b'] },
      verdict: 'report',
    },
    {
      rule: 'its report when the others were asked at a time that lies in the future by now: the clock was set back',
      subject: member('a', failing),
      others: [member('b', undefined, notPolled)],
      probes: { askedAt: now + hour, keys: ['b'] },
      verdict: 'report',
    },
    {
      rule: 'the opening as soon as the polls of others have ended and failed',
      subject: member('a', failing),
      others: [member('b', { ...failing, failures: 1 })],
      probes: { askedAt: now - 2 * second, keys: ['b'] },
      verdict: openedFor(2),
    },
    {
      rule: 'a poll of the others again when they were asked in a former outage',
      subject: member('a', failing),
      others: [member('b', undefined, notPolled)],
      probes: { askedAt: start - hour, keys: ['b'] },
      verdict: 'probe_others',
    },
    {
      rule: 'nothing once it is reported, where reminders are off',
      subject: member('a', { ...failing, reportedAt: start }),
      verdict: 'none',
    },
    {
      rule: 'nothing before the reminder',
      subject: member('a', { ...failing, reportedAt: now - minute + 1 }),
      remindEveryMs: minute,
      verdict: 'none',
    },
    {
      rule: 'a reminder after remindEvery',
      subject: member('a', { ...failing, reportedAt: now - minute }),
      remindEveryMs: minute,
      verdict: 'remind',
    },
    {
      rule: 'no reminder in a new run before a poll',
      subject: member('a', { ...failing, reportedAt: now - hour }, notPolled),
      remindEveryMs: minute,
      verdict: 'none',
    },
  ])('$rule', ({ subject, others = [], open = [], closedAt, probes, remindEveryMs = 0, verdict }) => {
    const scopes = new Scopes(open);
    scopes.setMembers([subject, ...others]);
    if (closedAt !== undefined) scopes.close(account, closedAt);
    const context = {
      now,
      policy: { ...policy, outageRemindEveryMs: remindEveryMs },
      ...(probes !== undefined && { probes }),
    };
    expect(outageVerdict(subject, scopes, context)).toEqual(verdict);
  });
});
