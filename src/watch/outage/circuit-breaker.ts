/**
 * A scope (a project, or the account) has a circuit breaker.
 *
 * - **Closed**: nothing is remembered. It opens when a migration is about to be reported and most of the scope fails
 *   (`verdict.ts`); the opening is reported once, for the scope.
 * - **Open**: a `ScopeOutage`. Its members are polled as ever and not reported for themselves. It closes when fewer
 *   than half of the members that are known fail.
 * - **Half-open**: open because of refused credentials; it follows from the error and is not stored. One member is polled, the probe; the others are held back. It
 *   closes with the first reply that shows that the credentials are accepted. A reply that says nothing about them
 *   (a timeout, a 503) leaves it half-open, and another member becomes the probe.
 *
 * An open scope that is left with fewer than two members (by a start, a reload or settled migrations) closes too, with
 * an event: each opening is followed by one closing, so an incident that was opened can be resolved. What still fails is then reported for itself.
 */
import type { ErrorType, ScopeOutage } from '../../state/migration-state.ts';

/** Members of an open scope by what is known of them. */
export interface ScopeHealth {
  /** All, settled ones left out. */
  readonly members: number;
  /** Those whose latest poll failed in a way that others can share. */
  readonly failing: number;
  /** Those polled since the outage began whose latest poll did not. */
  readonly answering: number;
}

/** The end of a poll in the scope; without `result` nothing was polled, and a start or a reload asks. */
export interface ScopePoll {
  readonly now: number;
  readonly result?: 'ok' | ErrorType;
}

export type ScopeStep =
  | { readonly state: 'open'; readonly outage: ScopeOutage; readonly reminder: boolean }
  | { readonly state: 'closed'; readonly reason: 'recovered' | 'too_few_members' };

/** Returns what becomes of an open scope; `remindEveryMs` 0 is never. */
export function nextScopeOutage(
  open: ScopeOutage,
  health: ScopeHealth,
  { now, result }: ScopePoll,
  remindEveryMs: number,
): ScopeStep {
  if (health.members < 2) return { state: 'closed', reason: 'too_few_members' };
  const isOver =
    open.errorType === 'unauthorized' ? acceptsCredentials(result) : health.failing < health.answering;
  if (isOver) return { state: 'closed', reason: 'recovered' };
  // After the clock was set back, the next reminder is counted from now on.
  const reportedAt = Math.min(open.reportedAt, now);
  if (remindEveryMs === 0 || now - reportedAt < remindEveryMs)
    return { state: 'open', outage: { ...open, reportedAt }, reminder: false };
  const migrations = health.members - health.answering;
  return { state: 'open', outage: { ...open, reportedAt: now, migrations }, reminder: true };
}

/** A 404 or a 403 comes after the credentials were accepted; so may what the probe alone suffers from. */
function acceptsCredentials(result: ScopePoll['result']): boolean {
  switch (result) {
    case 'ok':
    case 'not_found':
    case 'forbidden':
    case 'billing':
    case 'api_version':
      return true;
    case undefined:
    case 'unauthorized':
    case 'network':
    case 'timeout':
    case 'tls':
    case 'rate_limited':
    case 'server_error':
    case 'bad_reply':
    case 'internal':
      return false;
  }
}
