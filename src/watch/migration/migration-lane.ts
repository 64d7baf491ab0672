import type { EventName } from '../../events/catalogue.ts';
import type { MigrationState, Settlement } from '../../state/migration-state.ts';
import type { LagSample } from '../../state/store.ts';
import type { Span } from './lane.ts';
import { overlaysOf } from './overlays.ts';
import { type PhaseEvent, type PhaseName, phasesOf } from './phases.ts';

/** The events that phases and overlays follow from. */
export const laneEvents: readonly EventName[] = [
  'migration.first_seen',
  'migration.status_changed',
  'migration.ready_for_cutover',
  'migration.readiness_withdrawn',
  'migration.cutover_started',
  'migration.lag_stalled',
  'migration.lag_recovered',
  'migration.completed',
  'migration.failed',
  'migration.expired',
  'migration.disappeared',
  'watcher.unreachable',
  'watcher.recovered',
];

const ends: Readonly<Record<Settlement, PhaseName>> = {
  COMPLETE: 'complete',
  FAILED: 'failed',
  EXPIRED: 'expired',
  DISAPPEARED: 'disappeared',
};

/**
 * Returns the phases of a migration and what lies over them, up to `end` (ms since 1970). Where the log has nothing of
 * its phases, there is only the present one.
 */
export function migrationSpans(
  events: readonly PhaseEvent[],
  samples: readonly Pick<LagSample, 'observedAt'>[],
  state: MigrationState | undefined,
  end: number,
): readonly Span[] {
  // A cutover that seemed to be under way was none where the lag is there again.
  const isStillReady = state?.readiness !== undefined && state.readiness.cutover?.startedAt === undefined;
  const shown = isStillReady ? events.filter(({ event }) => event !== 'migration.cutover_started') : events;
  const phases = phasesOf(shown, samples, end);
  const spans = [
    ...phases.map(({ phase, from, to }): Span => [phase, from, to]),
    ...overlaysOf(events, state, end).map(({ overlay, from, to }): Span => [overlay, from, to]),
  ];
  const present = phases.length === 0 ? presentPhase(state, end) : undefined;
  return present === undefined ? spans : [present, ...spans];
}

function presentPhase(state: MigrationState | undefined, end: number): Span | undefined {
  if (state?.firstObservedAt === undefined) return undefined;
  const { firstObservedAt, settlement, settledAt, readiness, known, observation } = state;
  if (settlement !== undefined) return [ends[settlement], settledAt ?? firstObservedAt, end];
  if (readiness !== undefined) return ['ready', readiness.since, end];
  const since = state.statusSince ?? firstObservedAt;
  if (known.status !== 'WORKING') return ['waiting', since, end];
  return [observation?.lagTimeSeconds === undefined ? 'initial_copy' : 'catching_up', since, end];
}
