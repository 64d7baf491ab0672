import type {
  MigrationState,
  Observation,
  ObservationGap,
  Readiness,
  Settlement,
} from '../../state/migration-state.ts';
import type { WatchPolicy } from '../policy.ts';
import {
  draft,
  type EventDraft,
  initialState,
  type PollContext,
  secondsBetween,
  type Transition,
} from './event-draft.ts';
import { isUnreachable } from './reachability.ts';
import { windowFields } from './readiness-window.ts';

/** Older gaps are dropped: a state must not grow without end. */
const mostGaps = 50;
/** A restart within this time costs hardly more than one poll. */
const leastRestartMs = 60_000;

/** What of the policy matters to differences between observations. */
export type TransitionPolicy = Pick<WatchPolicy, 'windowMs' | 'unreachableAfterMs'>;

const documentedStatuses = new Set(['NEW', 'WORKING', 'FAILED', 'COMPLETE', 'EXPIRED']);
/** Limits the reported statuses that are remembered: a faulty server must not fill the memory. */
const maxReportedStatuses = 20;

/**
 * Compares an observation with the state of a migration. Returns the next state and the events that the difference is
 * worth, in the order of the catalogue. `context.now` is when the observation was made.
 *
 * Ready is a flag of its own beside the status ("Return One Migration Job", Atlas Administration API). A field that
 * the reply leaves out is no change. A migration that has ended becomes neither ready nor withdrawn, no matter what its
 * flag says. One that had disappeared and is there again goes from `DISAPPEARED` to its status.
 */
export function transitions(
  context: PollContext,
  previous: MigrationState | undefined,
  reading: Omit<Observation, 'observedAt'>,
  policy: TransitionPolicy,
): Transition {
  const { now } = context;
  const before = previous ?? initialState(now);
  const state = advance(context, before, { ...reading, observedAt: now }, policy);
  const drafts = [
    ...firstSight(before),
    ...statusChange(before, state),
    ...readinessChange(before, state, now, policy),
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

function advance(
  { resumed }: PollContext,
  before: MigrationState,
  observation: Observation,
  policy: TransitionPolicy,
): MigrationState {
  const { status, readyForCutover, migrationHosts, observedAt } = observation;
  const { outage: _ended, readiness: _former, settlement: _gone, ...kept } = before;
  const known = {
    ...before.known,
    ...(status !== undefined && { status }),
    ...(readyForCutover !== undefined && { readyForCutover }),
    ...(migrationHosts !== undefined && migrationHosts.length > 0 && { migrationHosts }),
  };
  const isOther = before.known.status !== undefined && known.status !== before.known.status;
  const settlement = settlementOf(known.status);
  const readiness =
    settlement === undefined ? readinessOf(before, known, observedAt, resumed) : before.readiness;
  const unreported = isUnreported(before, known.status) ? [known.status] : [];
  const wasUnreachable = before.outage !== undefined && isUnreachable(before.outage, observedAt, policy);
  const gaps = observationGaps(before, observedAt, { wasUnreachable, resumed });
  const wasReady = before.readiness !== undefined && readiness === undefined;
  return {
    ...kept,
    firstObservedAt: before.firstObservedAt ?? observedAt,
    observation,
    known,
    ...(isOther && { statusSince: observedAt }),
    ...(readiness !== undefined && { readiness }),
    ...(settlement !== undefined && { settlement }),
    ...(gaps.length > 0 && { gaps }),
    ...(wasReady && { readyBefore: true as const }),
    notFoundInARow: 0,
    reportedStatuses: [...before.reportedStatuses, ...unreported].slice(-maxReportedStatuses),
  };
}

function readinessOf(
  before: MigrationState,
  known: MigrationState['known'],
  observedAt: number,
  resumed: boolean,
): Readiness | undefined {
  if (known.readyForCutover !== true) return undefined;
  // It may have begun at any time since the last observation: only one just before dates it.
  const { observation, outage, settlement } = before;
  const sinceKnown =
    observation !== undefined && outage === undefined && settlement === undefined && !resumed;
  return before.readiness ?? { since: observedAt, sinceKnown };
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
  const from = before.settlement === 'DISAPPEARED' ? before.settlement : before.known.status;
  const drafts: EventDraft[] = [];
  if (from !== undefined && status !== undefined && from !== status)
    drafts.push(draft('migration.status_changed', { from, to: status }));
  if (isUnreported(before, status)) drafts.push(draft('migration.unknown_status', {}));
  return drafts;
}

function readinessChange(
  { readiness: former, readyBefore }: MigrationState,
  { readiness }: MigrationState,
  now: number,
  policy: TransitionPolicy,
): EventDraft[] {
  if (former !== undefined && readiness === undefined)
    return [draft('migration.readiness_withdrawn', { readyForSeconds: secondsBetween(former.since, now) })];
  if (former !== undefined || readiness === undefined) return [];
  return [
    draft('migration.ready_for_cutover', {
      ...windowFields(readiness, policy),
      readySinceKnown: readiness.sinceKnown,
      ...(readyBefore && { readyAgain: true }),
    }),
  ];
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
      const { firstObservedAt = now, readiness } = after;
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

/**
 * Returns the times in which a migration was not observed, after an observation at `now` (ms since 1970). An outage
 * counts where the migration was unreachable; `resumed`: the watcher was not running since the observation before.
 */
export function observationGaps(
  { gaps = [], observation, rememberedSince }: MigrationState,
  now: number,
  { wasUnreachable, resumed }: { readonly wasUnreachable: boolean; readonly resumed: boolean },
): readonly ObservationGap[] {
  const from = observation?.observedAt ?? rememberedSince;
  if (wasUnreachable) return add(gaps, { from, to: now, reason: 'unreachable' });
  if (resumed && now - from >= leastRestartMs) return add(gaps, { from, to: now, reason: 'not watched' });
  return gaps;
}

function add(gaps: readonly ObservationGap[], gap: ObservationGap): readonly ObservationGap[] {
  return [...gaps, gap].slice(-mostGaps);
}
