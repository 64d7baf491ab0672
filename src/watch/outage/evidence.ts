import type { ErrorType, Outage, ScopeOutage } from '../../state/migration-state.ts';

/** What an outage needs to know of one migration. */
export interface ScopeMember {
  readonly key: string;
  readonly groupId: string;
  /** A settled migration belongs to no scope. */
  readonly settled: boolean;
  /** Absent while the latest poll succeeded, or there was none. */
  readonly outage: Outage | undefined;
  /** When its latest poll of this run ended, in ms since 1970. */
  readonly endedAt: number | undefined;
}

/**
 * What the polls of a scope show since some moment. *Others* are the members that the next narrower scope lacks: those of
 * other projects for the account, the other members for a project, or for an account of a single project. So one of
 * several projects is never taken for the account, however much of the account it is.
 */
export interface ScopeEvidence extends Pick<ScopeOutage, 'scope' | 'groupId'> {
  readonly members: number;
  readonly polled: number;
  readonly failing: number;
  readonly others: number;
  readonly othersPolled: number;
  readonly othersFailing: number;
}

/** So many others are enough to judge a scope by. */
export const othersNeeded = 3;

/** Returns whether a failure concerns its migration alone: wrong ids, and faults of the watcher itself. */
export function isOwnFault(errorType: ErrorType): boolean {
  return errorType === 'not_found' || errorType === 'internal';
}

/** Returns whether the latest poll of a member failed in a way that others can share. */
export function isFailing({ outage }: ScopeMember): boolean {
  return outage !== undefined && !isOwnFault(outage.errorType);
}

/** Returns whether a member has been polled to the end, in this run, at or after `since`. */
export function isPolledSince({ endedAt }: ScopeMember, since: number): boolean {
  return endedAt !== undefined && endedAt >= since;
}

/**
 * Returns what the polls since `since` show of the scopes that `member` belongs to, widest first. The account is a
 * scope from two members on, a project from two members on where there are several projects. One scan of all members.
 */
export function evidenceFor(
  member: ScopeMember,
  members: Iterable<ScopeMember>,
  since: number,
): readonly ScopeEvidence[] {
  const account: Counts = { ...nothing };
  const project: Counts = { ...nothing };
  for (const other of members) {
    if (other.settled) continue;
    const isPolled = isPolledSince(other, since);
    const isAlike = isPolled && failsLike(member, other);
    const isInside = other.groupId === member.groupId;
    count(account, isPolled, isAlike, !isInside);
    if (isInside) count(project, isPolled, isAlike, other.key !== member.key);
  }
  const inProject = { ...project, scope: 'project', groupId: member.groupId } as const;
  const isOneProject = account.members === project.members;
  const scopes: readonly ScopeEvidence[] = isOneProject
    ? [{ ...project, scope: 'account' }]
    : [{ ...account, scope: 'account' }, inProject];
  return scopes.filter((scope) => scope.members >= 2);
}

/**
 * Returns whether a scope is down: a failing migration has others that fail too, and at least four of five polled fail.
 * Refused credentials are refused for all, since from then on only one migration is polled.
 */
export function isTripped({ polled, failing, othersFailing }: ScopeEvidence, errorType: ErrorType): boolean {
  const enough = errorType === 'unauthorized' ? polled : polled * 0.8;
  return othersFailing > 0 && failing >= enough;
}

/** Returns whether so few others have been polled that a scope cannot be judged yet. */
export function isThin({ others, othersPolled }: ScopeEvidence): boolean {
  return othersPolled < Math.min(othersNeeded, others);
}

/**
 * Returns those to poll at once so that the widest scope with thin evidence can be judged: at most `limit` members not
 * polled since `since`, own project first, then one of each other project.
 */
export function othersToPoll(
  member: ScopeMember,
  members: readonly ScopeMember[],
  since: number,
  limit: number,
): readonly ScopeMember[] {
  const thin = evidenceFor(member, members, since).find(isThin);
  if (thin === undefined) return [];
  const candidates = members.filter(
    (other) =>
      !other.settled &&
      other.key !== member.key &&
      !isPolledSince(other, since) &&
      (thin.groupId === undefined || thin.groupId === other.groupId),
  );
  return [...Map.groupBy(candidates, ({ groupId }) => groupId)]
    .flatMap(([groupId, inProject]) =>
      inProject.map((other, index) => ({
        other,
        rank: 2 * index + (groupId === member.groupId ? 0 : 1),
      })),
    )
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, limit)
    .map(({ other }) => other);
}

/**
 * Refused credentials hold back the polls of a whole scope, so other failures do not count as the same. Nor do they where
 * Atlas has lost sight of a migration that was there.
 */
function failsLike({ outage }: ScopeMember, other: ScopeMember): boolean {
  switch (outage?.errorType) {
    case 'unauthorized':
      return other.outage?.errorType === 'unauthorized';
    case 'not_found':
      return other.outage?.errorType === 'not_found' && other.outage.mayPass === outage.mayPass;
    default:
      return isFailing(other);
  }
}

type Counts = { -readonly [Name in Exclude<keyof ScopeEvidence, 'scope' | 'groupId'>]: number };

const nothing: Readonly<Counts> = {
  members: 0,
  polled: 0,
  failing: 0,
  others: 0,
  othersPolled: 0,
  othersFailing: 0,
};

function count(counts: Counts, isPolled: boolean, isAlike: boolean, isOther: boolean): void {
  counts.members += 1;
  counts.polled += Number(isPolled);
  counts.failing += Number(isAlike);
  counts.others += Number(isOther);
  counts.othersPolled += Number(isOther && isPolled);
  counts.othersFailing += Number(isOther && isAlike);
}
