import type { ScopeOutage } from '../../state/migration-state.ts';
import type { ScopeHealth } from './circuit-breaker.ts';
import {
  evidenceFor,
  isFailing,
  isPolledSince,
  isThin,
  isTripped,
  othersNeeded,
  othersToPoll,
  type ScopeEvidence,
  type ScopeMember,
} from './evidence.ts';

/** Others that were polled at once to judge a scope, for one migration. */
export interface ProbeRequest {
  /** In ms since 1970. */
  readonly askedAt: number;
  readonly keys: readonly string[];
}

type Standing = 'failing' | 'answering' | 'unknown';

interface OpenScope {
  outage: ScopeOutage;
  readonly standings: Map<string, Standing>;
  readonly counts: Record<Standing, number>;
}

/**
 * The members of all scopes and the open ones. It counts and looks up; `circuit-breaker.ts` and `verdict.ts`
 * decide. An update costs the same for ten migrations and for ten thousand. A scope is found by its project, the
 * account by `undefined`.
 */
export class Scopes {
  readonly #members = new Map<string, ScopeMember>();
  readonly #open = new Map<string | undefined, OpenScope>();
  /** When each scope last closed: what was polled before shows the outage that ended then. */
  readonly #closedAt = new Map<string | undefined, number>();

  /** Takes the scopes that were open when the process ended; `setMembers` comes next. */
  constructor(open: readonly ScopeOutage[] = []) {
    for (const outage of open) this.#open.set(outage.groupId, blank(outage));
  }

  /** Replaces all members, after a start or a reload. The next member takes the place of a probe that left. */
  setMembers(members: Iterable<ScopeMember>): void {
    this.#members.clear();
    for (const member of members) this.#members.set(member.key, member);
    for (const { outage } of this.#open.values()) this.open(outage);
  }

  /** Updates a member whose poll has just ended. */
  update(member: ScopeMember): void {
    this.#members.set(member.key, member);
    for (const groupId of [undefined, member.groupId]) {
      // A clock that was set back must not make polls look older than the closing.
      const closedAt = this.#closedAt.get(groupId);
      if (closedAt !== undefined) this.#closedAt.set(groupId, Math.min(closedAt, member.endedAt ?? closedAt));
      const scope = this.#open.get(groupId);
      if (scope === undefined) continue;
      place(scope, member.key, member.settled ? undefined : isFailing(member) ? 'failing' : 'answering');
      if (member.key === scope.outage.probe && isSpentProbe(member, scope.outage)) moveProbe(scope);
    }
  }

  /** Opens a scope, or replaces what is known of an open one. */
  open(outage: ScopeOutage): void {
    const scope = blank(outage);
    for (const member of this.#members.values())
      if (!member.settled && (outage.groupId === undefined || outage.groupId === member.groupId))
        place(scope, member.key, standingSince(member, outage.since));
    if (!scope.standings.has(outage.probe)) moveProbe(scope);
    this.#open.set(outage.groupId, scope);
  }

  /** Replaces an open scope by the same one reported again. */
  keep(outage: ScopeOutage): void {
    const scope = this.#open.get(outage.groupId);
    if (scope !== undefined) scope.outage = outage;
  }

  /** Forgets an open scope; what was polled before `now` is no evidence any more. */
  close({ groupId }: ScopeOutage, now: number): void {
    this.#open.delete(groupId);
    this.#closedAt.set(groupId, now);
  }

  /** The open scopes, widest first. */
  get openScopes(): readonly ScopeOutage[] {
    const all = [...this.#open.values()].map(({ outage }) => outage);
    return all.toSorted((a, b) => Number(a.scope === 'project') - Number(b.scope === 'project'));
  }

  /** Returns the open scopes that a project lies in, widest first. */
  openAround(groupId: string): readonly ScopeOutage[] {
    return [this.#open.get(undefined), this.#open.get(groupId)].flatMap((scope) => scope?.outage ?? []);
  }

  /** Returns the widest open scope that a project lies in. */
  coveringScope(groupId: string): ScopeOutage | undefined {
    return this.openAround(groupId)[0];
  }

  /** Returns the widest open scope that keeps a migration from being read, though its own polls may not show it. */
  outageAround(key: string, groupId: string): ScopeOutage | undefined {
    return this.openAround(groupId).find(
      (open) => (this.#open.get(open.groupId)?.standings.get(key) ?? 'answering') !== 'answering',
    );
  }

  /** Returns the counts of an open scope; all are 0 for one that is not open. */
  health({ groupId }: ScopeOutage): ScopeHealth {
    const { failing = 0, answering = 0, unknown = 0 } = this.#open.get(groupId)?.counts ?? {};
    return { members: failing + answering + unknown, failing, answering };
  }

  /** Returns the moment from which on polls count as evidence for a failing member, in ms since 1970. */
  evidenceSince({ groupId, outage }: ScopeMember): number {
    const closings = [this.#closedAt.get(undefined), this.#closedAt.get(groupId)];
    return Math.max(outage?.since ?? 0, ...closings.map((at) => at ?? 0));
  }

  /** Returns the evidence of the scopes a failing member belongs to, widest first. It scans all members. */
  evidence(member: ScopeMember): readonly ScopeEvidence[] {
    return evidenceFor(member, this.#members.values(), this.evidenceSince(member));
  }

  /**
   * Returns whether most of a scope of this member were answered with 404 too, or too few have been polled to know, as
   * after a start. It scans all members.
   */
  isNotFoundShared(member: ScopeMember): boolean {
    return this.evidence(member).some((evidence) => isThin(evidence) || isTripped(evidence, 'not_found'));
  }

  /** Returns the keys of at most `limit` others that are to be polled at once so that a scope can be judged. */
  othersToProbe(member: ScopeMember, limit: number = othersNeeded): readonly string[] {
    const free = [...this.#members.values()].filter(({ key, groupId }) => !this.isHeldBack(key, groupId));
    return othersToPoll(member, free, this.evidenceSince(member), limit).map(({ key }) => key);
  }

  /** Returns whether each of the others that was asked has been polled since, has settled or has left. */
  haveEnded({ askedAt, keys }: ProbeRequest): boolean {
    return keys.every((key) => {
      const member = this.#members.get(key);
      return member === undefined || member.settled || isPolledSince(member, askedAt);
    });
  }

  /**
   * Returns whether a migration is not to be polled because refused credentials are probed by another one. Where the
   * account and a project are open for that, the account's probe is the only one.
   */
  isHeldBack(key: string, groupId: string): boolean {
    const refused = this.openAround(groupId).find(({ errorType }) => errorType === 'unauthorized');
    return refused !== undefined && refused.probe !== key;
  }
}

function blank(outage: ScopeOutage): OpenScope {
  return { outage, standings: new Map(), counts: { failing: 0, answering: 0, unknown: 0 } };
}

function standingSince(member: ScopeMember, since: number): Standing {
  if (isFailing(member)) return 'failing';
  return isPolledSince(member, since) ? 'answering' : 'unknown';
}

function place({ standings, counts }: OpenScope, key: string, standing: Standing | undefined): void {
  const former = standings.get(key);
  if (former !== undefined) counts[former] -= 1;
  if (standing === undefined) {
    standings.delete(key);
  } else {
    counts[standing] += 1;
    standings.set(key, standing);
  }
}

/** Replaces a probe whose reply says nothing about the credentials, so that one migration cannot hold back a scope. */
function isSpentProbe({ settled, outage }: ScopeMember, { errorType }: ScopeOutage): boolean {
  return settled || (errorType === 'unauthorized' && outage?.errorType !== 'unauthorized');
}

/** The member after the present probe probes next, the first one where that has left. */
function moveProbe(scope: OpenScope): void {
  const keys = [...scope.standings.keys()];
  const probe = keys[(keys.indexOf(scope.outage.probe) + 1) % keys.length];
  if (probe !== undefined) scope.outage = { ...scope.outage, probe };
}
