import { documentedStatuses } from '../../atlas/migration-resource.ts';
import type { MigrationState, Observation, Settlement } from '../../state/migration-state.ts';
import type { WatchPolicy } from '../policy.ts';
import {
  draft,
  type EventDraft,
  initialState,
  type PollContext,
  secondsBetween,
  type Transition,
} from './event-draft.ts';
import { observationGaps } from './observation-gaps.ts';
import { isUnreachable } from './reachability.ts';
import { readinessStep } from './readiness-change.ts';
import { deadlineAtBegin } from './stated-words.ts';

/** What of the policy matters to differences between observations. */
export type TransitionPolicy = Pick<WatchPolicy, 'windowMs' | 'unreachableAfterMs'>;

/** Limits the reported statuses that are remembered: a faulty server must not fill the memory. */
const maxReportedStatuses = 20;

/** What stands for the status of a migration that is there again and has none, as in `watcher.heartbeat`. */
const noStatus = 'UNKNOWN';

/**
 * Compares an observation with the state of a migration. Returns the next state and the events that the difference is
 * worth. `context.now` is when the observation was made.
 *
 * Ready is a flag of its own beside the status ("Return One Migration Job", Atlas Administration API). A field that
 * the reply leaves out is no change. A migration that has ended becomes neither ready nor withdrawn, no matter what its
 * flag says. One that had disappeared and is there again goes from `DISAPPEARED` to its status, and one that had ended
 * and is retried under its id starts over, except for its hosts.
 */
export function transitions(
  context: PollContext,
  previous: MigrationState | undefined,
  reading: Omit<Observation, 'observedAt'>,
  policy: TransitionPolicy,
): Transition {
  const { now } = context;
  const before = previous ?? initialState(now);
  const { migrationHosts, ...rest } = reading;
  const observation = {
    ...rest,
    ...(migrationHosts !== undefined && { migrationHosts: [...new Set(migrationHosts)] }),
    observedAt: now,
  };
  const known = knownAfter(before, observation);
  const isSettled = settlementOf(known.status) !== undefined;
  const { lagTimeSeconds, observedAt } = observation;
  const stated = deadlineAtBegin(context.target, before, now);
  const ready = readinessStep(before, { known, isSettled, lagTimeSeconds, observedAt, stated }, policy);
  const state = { ...advance(context, before, observation, known, policy), ...ready.parts };
  const drafts = [
    ...firstSight(before),
    ...statusChange(before, state),
    ...ready.drafts,
    ...hostsChange(before, state),
    ...settling(before, state, now),
    ...recoveryOf(before, now),
  ];
  return { state, drafts };
}

/** Returns the event of the end, at `now` (ms since 1970), of an outage that was reported for this migration. */
export function recoveryOf({ outage }: MigrationState, now: number, endedBy?: 'disappeared'): EventDraft[] {
  if (outage?.reportedAt === undefined) return [];
  const downSeconds = secondsBetween(outage.since, now);
  return [draft('watcher.recovered', { scope: 'migration', downSeconds, ...(endedBy && { endedBy }) })];
}

/** A missed field is no change, but what a migration had before its end says nothing about a retry. */
function knownAfter(
  { known, settlement }: MigrationState,
  { status, readyForCutover, migrationHosts }: Observation,
): MigrationState['known'] {
  const after = {
    ...known,
    ...(status !== undefined && { status }),
    ...(readyForCutover !== undefined && { readyForCutover }),
    ...(migrationHosts !== undefined && migrationHosts.length > 0 && { migrationHosts }),
  };
  const isRetried = settlementOf(settlement) !== undefined && settlementOf(after.status) === undefined;
  if (!isRetried || readyForCutover !== undefined) return after;
  const { readyForCutover: _former, ...rest } = after;
  return rest;
}

function advance(
  { resumed }: PollContext,
  before: MigrationState,
  observation: Observation,
  known: MigrationState['known'],
  policy: TransitionPolicy,
): Omit<MigrationState, 'readiness' | 'withdrawn' | 'readyBefore'> {
  const { observedAt } = observation;
  const { outage, settlement: formerEnd, settledAt: endedAt, notFoundSince: _answered, ...others } = before;
  const { readiness: _former, withdrawn: _withdrawn, readyBefore: _readyBefore, ...kept } = others;
  const isOther = before.known.status !== undefined && known.status !== before.known.status;
  const settlement = settlementOf(known.status);
  const settledAt = settlement === formerEnd ? (endedAt ?? observedAt) : observedAt;
  const unreported = isUnreported(before, known.status) ? [known.status] : [];
  const wasUnreachable = outage !== undefined && isUnreachable(outage, observedAt, policy);
  const isWatched = formerEnd === undefined;
  const gaps = observationGaps(before, observedAt, { wasUnreachable, resumed: resumed && isWatched });
  return {
    ...kept,
    firstObservedAt: before.firstObservedAt ?? observedAt,
    observation,
    known,
    ...(isOther && { statusSince: observedAt }),
    ...(settlement !== undefined && { settlement, settledAt }),
    ...(gaps.length > 0 && { gaps }),
    notFoundInARow: 0,
    reportedStatuses: [...before.reportedStatuses, ...unreported].slice(-maxReportedStatuses),
  };
}

function settlementOf(status: string | undefined): Settlement | undefined {
  return (['COMPLETE', 'FAILED', 'EXPIRED'] as const).find((final) => final === status);
}

function isUnreported(before: MigrationState, status: string | undefined): status is string {
  return status !== undefined && !documentedStatuses.has(status) && !before.reportedStatuses.includes(status);
}

function firstSight(before: MigrationState): EventDraft[] {
  return before.observation === undefined ? [draft('migration.first_seen', {})] : [];
}

function statusChange(before: MigrationState, { known: { status } }: MigrationState): EventDraft[] {
  const wasGone = before.settlement === 'DISAPPEARED';
  const from = wasGone ? before.settlement : before.known.status;
  const to = status ?? (wasGone ? noStatus : undefined);
  const drafts: EventDraft[] = [];
  if (from !== undefined && to !== undefined && from !== to)
    drafts.push(draft('migration.status_changed', { from, to }));
  if (isUnreported(before, status)) drafts.push(draft('migration.unknown_status', {}));
  return drafts;
}

function hostsChange(before: MigrationState, after: MigrationState): EventDraft[] {
  const from = before.known.migrationHosts;
  const to = after.known.migrationHosts;
  if (from === undefined || to === undefined) return [];
  if (from.toSorted().join('\n') === to.toSorted().join('\n')) return [];
  return [draft('migration.hosts_changed', { from: [...from], to: [...to] })];
}

function settling(before: MigrationState, after: MigrationState, now: number): EventDraft[] {
  if (before.settlement === after.settlement) return [];
  switch (after.settlement) {
    case 'COMPLETE': {
      const { firstObservedAt = now, withdrawn, readiness = withdrawn?.readiness } = after;
      return [
        draft('migration.completed', {
          observedForSeconds: secondsBetween(firstObservedAt, now),
          ...(readiness !== undefined && { readyForSeconds: secondsBetween(readiness.since, now) }),
        }),
      ];
    }
    case 'FAILED':
      return [draft('migration.failed', {})];
    case 'EXPIRED':
      return [draft('migration.expired', {})];
    default:
      return [];
  }
}
