import type { MigrationState, Observation, Readiness, Settlement } from '../../state/migration-state.ts';
import { recoveryOf, secondsBetween } from '../recovery.ts';
import { completeEvents, draft, type EventDraft, initialState, type Transition } from './event-draft.ts';
import { observationGaps } from './observation-gaps.ts';
import { type WindowPolicy, windowFields } from './readiness-window.ts';
import type { Target } from './target.ts';

/** What of the policy matters to differences between observations. */
export type TransitionPolicy = Pick<WindowPolicy, 'windowMs'>;

const documentedStatuses = new Set(['NEW', 'WORKING', 'FAILED', 'COMPLETE', 'EXPIRED']);
/** Reported ones are remembered; a server that makes up words must not fill the memory. */
const maxReportedStatuses = 20;

/**
 * Compares an observation with what is remembered of a migration. Returns what to remember from now on and the
 * events that the difference is worth, in the order of the catalogue.
 *
 * Ready is a flag of its own beside the status ("Return One Migration Job", Atlas Administration API). A field
 * that the reply leaves out is no change. A migration that has ended becomes neither ready nor withdrawn,
 * whatever its flag says. One that had disappeared and is there again goes from `DISAPPEARED` to its status.
 * `whileDown`: the watcher was not running since what is remembered was observed.
 */
export function transitions(
  target: Target,
  previous: MigrationState | undefined,
  observation: Observation,
  policy: TransitionPolicy,
  whileDown: boolean,
): Transition {
  const before = previous ?? initialState(observation.observedAt);
  const after = advance(before, observation, whileDown);
  const drafts = [
    ...firstSight(before),
    ...statusChange(before, after),
    ...readinessChange(before, after, observation.observedAt, policy),
    ...hostsChange(before, after),
    ...settling(before, after, observation.observedAt),
    ...recoveryOf(before, observation.observedAt),
  ];
  return completeEvents(target, before, after, drafts, observation.observedAt, whileDown);
}

function advance(before: MigrationState, observation: Observation, whileDown: boolean): MigrationState {
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
    settlement === undefined ? readinessOf(before, known, observedAt, whileDown) : before.readiness;
  const unreported = isUnreported(before, known.status) ? [known.status] : [];
  const unseen = observationGaps(before, observedAt, whileDown);
  return {
    ...kept,
    firstObservedAt: before.firstObservedAt ?? observedAt,
    observation,
    known,
    ...(isOther && { statusSince: observedAt }),
    ...(readiness !== undefined && { readiness }),
    ...(settlement !== undefined && { settlement }),
    ...(unseen.length > 0 && { unseen }),
    absences: 0,
    reportedStatuses: [...before.reportedStatuses, ...unreported].slice(-maxReportedStatuses),
  };
}

function readinessOf(
  before: MigrationState,
  known: MigrationState['known'],
  observedAt: number,
  whileDown: boolean,
): Readiness | undefined {
  if (known.readyForCutover !== true) return undefined;
  // It may have begun at any time since the last observation: only one just before dates it.
  const { observation, outage, settlement } = before;
  const sinceKnown =
    observation !== undefined && outage === undefined && settlement === undefined && !whileDown;
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
  { readiness: former, occurrences }: MigrationState,
  { readiness }: MigrationState,
  now: number,
  policy: TransitionPolicy,
): EventDraft[] {
  if (former !== undefined && readiness === undefined)
    return [draft('migration.readiness_withdrawn', { readyForSeconds: secondsBetween(former.since, now) })];
  if (former !== undefined || readiness === undefined) return [];
  const again = occurrences['migration.ready_for_cutover'] !== undefined;
  return [
    draft('migration.ready_for_cutover', {
      ...windowFields(readiness, policy),
      readySinceKnown: readiness.sinceKnown,
      ...(again && { readyAgain: true }),
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
