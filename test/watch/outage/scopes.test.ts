import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ErrorType, ScopeOutage } from '../../../src/state/migration-state.ts';
import type { ScopeMember } from '../../../src/watch/outage/evidence.ts';
import { Scopes } from '../../../src/watch/outage/scopes.ts';
import { minute, second, start } from './simulated-fleet.ts';

const account: ScopeOutage = {
  scope: 'account',
  since: start,
  reportedAt: start + minute,
  migrations: 4,
  errorType: 'network',
  probe: 'a',
};
const refused: ScopeOutage = { ...account, errorType: 'unauthorized' };
const inProject = (outage: ScopeOutage, groupId: string): ScopeOutage => ({
  ...outage,
  scope: 'project',
  groupId,
});

/** A member in the project `p`; `errorType` is that of its outage, which began at `start`. */
function member(key: string, errorType?: ErrorType, rest: Partial<ScopeMember> = {}): ScopeMember {
  const outage = errorType === undefined ? undefined : { failures: 2, since: start, errorType };
  return { key, groupId: 'p', settled: false, outage, endedAt: start + second, ...rest };
}

const groupOf = (key: string) => (key < 'c' ? 'p' : 'q');

function scopesOf(members: readonly ScopeMember[], ...open: readonly ScopeOutage[]): Scopes {
  const scopes = new Scopes(open);
  scopes.setMembers(members);
  return scopes;
}

describe('The counts of an open scope', () => {
  it('know who failed, who answered since it began, and that the others are unknown', () => {
    const scopes = scopesOf(
      [
        member('a', 'network'),
        member('b', 'timeout', { endedAt: undefined }),
        member('c'),
        member('d', undefined, { endedAt: start - second }),
        member('e', 'not_found'),
        member('f', 'network', { settled: true }),
      ],
      account,
    );
    expect(scopes.health(account)).toEqual({ members: 5, failing: 2, answering: 2 });
  });

  it('of a project leave out other projects', () => {
    const open = inProject(account, 'p');
    const scopes = scopesOf([member('a', 'network'), member('b', 'network', { groupId: 'q' })], open);
    expect(scopes.health(open)).toEqual({ members: 1, failing: 1, answering: 0 });
  });

  it('are 0 where the scope is not open', () => {
    expect(scopesOf([member('a')]).health(account)).toEqual({ members: 0, failing: 0, answering: 0 });
  });

  it('take a poll that has just ended for an answer, also after the clock was set back', () => {
    const scopes = scopesOf([member('a', 'network'), member('b', 'network')], account);
    scopes.update(member('a', undefined, { endedAt: start - minute }));
    expect(scopes.health(account)).toEqual({ members: 2, failing: 1, answering: 1 });
  });

  it('are the same after updates as when they are made from all members', () => {
    const change = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      errorType: fc.constantFrom<ErrorType | undefined>(undefined, 'network', 'unauthorized', 'not_found'),
      settled: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const members = new Map(
          ['a', 'b', 'c', 'd', 'e'].map((key) => [
            key,
            member(key, undefined, { groupId: groupOf(key), endedAt: undefined }),
          ]),
        );
        const open = [account, inProject(account, 'p')];
        const scopes = scopesOf([...members.values()], ...open);
        for (const { key, errorType, settled } of changes) {
          const next = member(key, errorType, { settled, groupId: groupOf(key) });
          members.set(key, next);
          scopes.update(next);
        }
        const fresh = scopesOf([...members.values()], ...open);
        for (const outage of open) expect(scopes.health(outage)).toEqual(fresh.health(outage));
      }),
    );
  });
});

describe('An open scope covers', () => {
  it('every project when it is the account', () => {
    expect(scopesOf([member('a')], account).coveringScope('p')).toBe(account);
  });

  it('its own project alone when it is a project', () => {
    const open = inProject(account, 'p');
    const scopes = scopesOf([member('a'), member('b', undefined, { groupId: 'q' })], open);
    expect(scopes.coveringScope('p')).toBe(open);
    expect(scopes.coveringScope('q')).toBeUndefined();
  });

  it('less than a wider one that is open too', () => {
    const open = inProject(account, 'p');
    const scopes = scopesOf([member('a')], open, account);
    expect(scopes.openScopes).toEqual([account, open]);
    scopes.close(account, start + minute);
    expect(scopes.coveringScope('p')).toBe(open);
  });
});

describe('Evidence', () => {
  const subject = member('a', 'network');

  it('begins with the outage of the migration', () => {
    expect(scopesOf([subject]).evidenceSince(subject)).toBe(start);
  });

  it('begins with the closing of its scope where that is later', () => {
    const scopes = scopesOf([subject], account);
    scopes.close(account, start + minute);
    expect(scopes.evidenceSince(subject)).toBe(start + minute);
  });

  it('is not put off by a closing that lies in the future after the clock was set back', () => {
    const scopes = scopesOf([subject], account);
    scopes.close(account, start + 60 * minute);
    scopes.update(member('a', 'network', { endedAt: start + 2 * minute }));
    expect(scopes.evidenceSince(subject)).toBe(start + 2 * minute);
  });

  it('is of the account alone where there is one project, and of nothing where there is one migration', () => {
    const scopesIn = (members: readonly ScopeMember[]) =>
      scopesOf(members)
        .evidence(subject)
        .map(({ scope }) => scope);
    expect(scopesIn([subject])).toEqual([]);
    expect(scopesIn([subject, member('b')])).toEqual(['account']);
    expect(scopesIn([subject, member('b', undefined, { groupId: 'q' })])).toEqual(['account']);
    expect(scopesIn([subject, member('b'), member('c', undefined, { groupId: 'q' })])).toEqual([
      'account',
      'project',
    ]);
  });
});

describe('The others to probe', () => {
  const subject = member('a', 'network');
  const waiting = { endedAt: undefined };

  it('are of its own project and of other projects in turn, three at most', () => {
    const scopes = scopesOf([
      subject,
      member('b', undefined, waiting),
      member('c', undefined, waiting),
      ...['d', 'e', 'f'].map((key) => member(key, undefined, { groupId: `q${key}`, ...waiting })),
    ]);
    expect(scopes.othersToProbe(subject)).toEqual(['b', 'd', 'e']);
  });

  it('are of its own project alone once enough of the account has been polled', () => {
    const scopes = scopesOf([
      subject,
      member('b', undefined, waiting),
      ...['c', 'd', 'e'].map((key) => member(key, undefined, { groupId: 'q' })),
      member('f', undefined, { groupId: 'q', ...waiting }),
    ]);
    expect(scopes.othersToProbe(subject)).toEqual(['b']);
  });

  it('are neither settled nor polled since its outage began nor held back', () => {
    const scopes = scopesOf(
      [
        subject,
        member('b', undefined, { settled: true, ...waiting }),
        member('c'),
        member('d', undefined, { groupId: 'q', ...waiting }),
        member('e', 'unauthorized', { groupId: 'q', ...waiting }),
        member('f', undefined, waiting),
      ],
      inProject({ ...refused, probe: 'e' }, 'q'),
    );
    expect(scopes.othersToProbe(subject)).toEqual(['f', 'e']);
  });

  it('have ended when each has been polled, has settled or has left', () => {
    const request = { askedAt: start, keys: ['b', 'c', 'gone'] };
    const scopes = scopesOf([
      member('b', undefined, { endedAt: start - second }),
      member('c', undefined, { settled: true }),
    ]);
    expect(scopes.haveEnded(request)).toBe(false);
    scopes.update(member('b', 'network'));
    expect(scopes.haveEnded(request)).toBe(true);
  });
});

describe('Refused credentials', () => {
  const members = ['a', 'b', 'c'].map((key) => member(key, 'unauthorized'));
  const probes = (scopes: Scopes) =>
    members.filter(({ key, groupId }) => !scopes.isHeldBack(key, groupId)).map(({ key }) => key);

  it('hold back all but the probe until the scope closes', () => {
    const scopes = scopesOf(members, refused);
    expect(probes(scopes)).toEqual(['a']);
    scopes.close(refused, start + minute);
    expect(probes(scopes)).toEqual(['a', 'b', 'c']);
  });

  it('hold nobody back in an outage of another kind', () => {
    expect(probes(scopesOf(members, account))).toEqual(['a', 'b', 'c']);
  });

  it('are probed by the next member when the probe leaves the configuration', () => {
    const scopes = scopesOf(members, refused);
    scopes.setMembers(members.slice(1));
    expect(probes(scopes)).toEqual(['b']);
  });

  it('are probed by the next member when the probe settles', () => {
    const scopes = scopesOf(members, refused);
    scopes.update(member('a', undefined, { settled: true }));
    expect(probes(scopes)).toEqual(['b']);
  });

  it('are probed by the next member when the probe fails for another reason', () => {
    const scopes = scopesOf(members, { ...refused, probe: 'c' });
    scopes.update(member('c', 'unauthorized'));
    expect(probes(scopes)).toEqual(['c']);
    scopes.update(member('c', 'bad_reply'));
    expect(probes(scopes)).toEqual(['a']);
  });

  it('are probed once, by the probe of the account, where a project is open for them too', () => {
    const scopes = scopesOf(members, refused, inProject({ ...refused, probe: 'b' }, 'p'));
    expect(probes(scopes)).toEqual(['a']);
  });
});
