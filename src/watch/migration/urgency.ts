import type { Settlement } from '../../state/migration-state.ts';
import type { Cadence } from './cadence.ts';

/** Where a migration stands, the most urgent first. */
const urgencies = [
  'overdue',
  'unknown',
  'ready',
  'failed',
  'unreachable',
  'stalled',
  'approaching',
  'copying',
  'waiting',
  'done',
] as const;

export type Urgency = (typeof urgencies)[number];

/** What the urgency of a migration follows from, by the names that events give it. What is not known is left out. */
export interface UrgencyFacts {
  readonly status?: string | undefined;
  readonly readyForCutover?: boolean | undefined;
  /** Estimated end of the window for cutover, ISO 8601 in UTC. */
  readonly deadline?: string | undefined;
  readonly settlement?: Settlement | undefined;
  /** When it was last read, ISO 8601 in UTC; absent while it never was. */
  readonly observedAt?: string | undefined;
  /** Time between two of its polls. */
  readonly intervalSeconds?: number | undefined;
  /** Whether it can be read just now. */
  readonly reachable: boolean;
  readonly cadence?: Cadence | undefined;
  readonly lagTimeSeconds?: number | undefined;
  /** While the lag counts as stalled: for how long it has made no progress. */
  readonly stalledForSeconds?: number | undefined;
  readonly readyInSeconds?: number | undefined;
}

/**
 * Returns where a migration stands. The window of one that is ready runs out whether it can be read or not; one that
 * is gone counts as failed; of one that was never read nothing is known. `now` in ms since 1970.
 */
export function urgencyOf(facts: UrgencyFacts, now: number): Urgency {
  const { status, settlement = status, readyForCutover, reachable, cadence } = facts;
  switch (settlement) {
    case 'COMPLETE':
      return 'done';
    case 'FAILED':
    case 'EXPIRED':
    case 'DISAPPEARED':
      return 'failed';
    default:
      if (facts.observedAt === undefined) return 'unknown';
      if (readyForCutover === true) return isOverdue(facts, now) ? 'overdue' : 'ready';
      if (!reachable) return 'unreachable';
      if (facts.stalledForSeconds !== undefined) return 'stalled';
      if (cadence === 'approaching') return 'approaching';
      return status === 'WORKING' || facts.lagTimeSeconds !== undefined ? 'copying' : 'waiting';
  }
}

/**
 * Compares two migrations for sorting, the most urgent first: by where they stand, then by the time left for the
 * cutover, then by the time to readiness; what is not known comes last. Returns 0 where neither is more urgent, so
 * that a stable sort keeps their order. `now` in ms since 1970.
 */
export function compareUrgency(one: UrgencyFacts, other: UrgencyFacts, now: number): number {
  return (
    urgencies.indexOf(urgencyOf(one, now)) - urgencies.indexOf(urgencyOf(other, now)) ||
    compareKnown(momentOf(one.deadline), momentOf(other.deadline)) ||
    compareKnown(one.readyInSeconds, other.readyInSeconds)
  );
}

/** So many intervals a reading may be old and still count as current. */
const currentIntervals = 3;

/** Returns whether what is known of a migration is no older than three polls. `now` in ms since 1970. */
export function isCurrent({ observedAt, reachable, intervalSeconds }: UrgencyFacts, now: number): boolean {
  const readAt = momentOf(observedAt);
  if (!reachable || readAt === undefined) return false;
  return intervalSeconds === undefined || now - readAt <= intervalSeconds * 1000 * currentIntervals;
}

function isOverdue({ deadline }: UrgencyFacts, now: number): boolean {
  const moment = momentOf(deadline);
  return moment !== undefined && moment < now;
}

function momentOf(isoTime: string | undefined): number | undefined {
  return isoTime === undefined ? undefined : Date.parse(isoTime);
}

function compareKnown(one: number | undefined, other: number | undefined): number {
  if (one === undefined || other === undefined)
    return Number(one === undefined) - Number(other === undefined);
  return one - other;
}
