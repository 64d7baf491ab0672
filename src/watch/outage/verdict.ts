import type { ErrorType, ScopeOutage } from '../../state/migration-state.ts';
import { isUnreachable } from '../migration/reachability.ts';
import type { OutagePolicy } from '../policy.ts';
import { isOwnFault, isThin, isTripped, type ScopeEvidence, type ScopeMember } from './evidence.ts';
import type { ProbeRequest, Scopes } from './scopes.ts';

/** What is due for a failing migration: nothing, a poll of others, its own report, or the opening of a scope. */
export type OutageVerdict = 'none' | 'probe_others' | 'report' | 'remind' | { readonly open: ScopeOutage };

/** What a verdict depends on beside the migration and the scopes. */
export interface VerdictContext {
  readonly now: number;
  readonly policy: OutagePolicy;
  /** The latest `probe_others` of this migration; absent where there was none. */
  readonly probes?: ProbeRequest | undefined;
}

const longestProbeMs = 15_000;

/**
 * Returns what is due now for a member. It is asked after each failed poll and by the clock, and scans the members
 * only where one is about to be reported. Before the first poll of a run, and after the closing of a scope until the
 * next poll, its failure is old and nothing is due.
 */
export function outageVerdict(
  member: ScopeMember,
  scopes: Pick<Scopes, 'coveringScope' | 'evidence' | 'evidenceSince' | 'haveEnded'>,
  { now, policy, probes }: VerdictContext,
): OutageVerdict {
  const { outage, endedAt, groupId } = member;
  if (outage === undefined || member.settled || !isUnreachable(outage, now, policy)) return 'none';
  const since = scopes.evidenceSince(member);
  if (endedAt === undefined || endedAt < since) return 'none';
  if (outage.reportedAt !== undefined)
    return policy.outageRemindEveryMs > 0 && now - outage.reportedAt >= policy.outageRemindEveryMs
      ? 'remind'
      : 'none';
  if (isOwnFault(outage.errorType)) return 'report';
  const covering = scopes.coveringScope(groupId);
  // Refused credentials are worth a report of their own: nothing but new ones ends them.
  const isWorse = outage.errorType === 'unauthorized' && covering?.errorType !== 'unauthorized';
  if (covering !== undefined && !isWorse) return 'none';

  const request = probes !== undefined && probes.askedAt >= since ? probes : undefined;
  if (request !== undefined && isPending(request, now) && !scopes.haveEnded(request)) return 'none';
  for (const evidence of scopes.evidence(member)) {
    if (request === undefined && isThin(evidence)) return 'probe_others';
    if (covering !== undefined && evidence.groupId !== covering.groupId) continue;
    if (isTripped(evidence, outage.errorType))
      return { open: opened(evidence, member.key, outage.errorType, { since, now }) };
  }
  return covering === undefined ? 'report' : 'none';
}

function isPending({ askedAt }: ProbeRequest, now: number): boolean {
  return now >= askedAt && now - askedAt < longestProbeMs;
}

function opened(
  { scope, groupId, members, polled, failing }: ScopeEvidence,
  probe: string,
  errorType: ErrorType,
  { since, now }: { readonly since: number; readonly now: number },
): ScopeOutage {
  const migrations = members - (polled - failing);
  return {
    scope,
    ...(groupId !== undefined && { groupId }),
    since,
    reportedAt: now,
    migrations,
    errorType,
    probe,
  };
}
