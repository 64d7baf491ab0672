import { documentedStatuses } from '../../atlas/migration-resource.ts';
import type { MigrationState, Readiness } from '../../state/migration-state.ts';
import type { MigrationSnapshot } from '../../watch/fleet.ts';
import { isLagHigh } from '../../watch/migration/cutover-lag.ts';
import { stalledSeconds } from '../../watch/migration/lag-stall.ts';
import { deadlineOf, runningWindow } from '../../watch/migration/readiness-window.ts';
import { isReachable } from '../../watch/standing.ts';
import type { ServerContext } from '../context.ts';
import { isReady } from '../migration-view.ts';
import type { MetricDefinition, Series } from './registry.ts';

/** Returns the metrics that have a series for each migration. */
export function migrationGauges({ watch, now }: ServerContext): readonly MetricDefinition[] {
  const labelNames = ['migration', 'group_id', 'live_migration_id'];
  const ofEach = (value: (one: MigrationSnapshot) => number | undefined) => (): Series =>
    watch.snapshots().flatMap((one) => {
      const current = value(one);
      return current === undefined ? [] : [[labelsOf(one), current] as const];
    });
  const ofWindow = (value: (readiness: Readiness, one: MigrationSnapshot) => number | undefined) =>
    ofEach((one) => {
      const readiness = runningWindow(one.state);
      return readiness && value(readiness, one);
    });
  const ofReadiness = (at: (readiness: Readiness, one: MigrationSnapshot) => number) =>
    ofWindow((readiness, one) => at(readiness, one) / 1000);
  const ofOpen = (value: (state: MigrationState) => number | undefined) =>
    ofEach(({ state }) => (state === undefined || state.settlement !== undefined ? undefined : value(state)));
  return [
    {
      name: 'migration_ready',
      help: '1 while the migration is ready for cutover.',
      labelNames,
      series: ofEach((one) => flag(isReady(one))),
    },
    {
      name: 'migration_status',
      help: '1 for the status that the migration has, 0 for the other documented ones.',
      labelNames: [...labelNames, 'status'],
      series: () => watch.snapshots().flatMap(statusSeries),
    },
    {
      name: 'migration_lag_seconds',
      help: 'How far the copy is behind the source, as Atlas last reported.',
      labelNames,
      series: ofEach(({ state }) => state?.observation?.lagTimeSeconds),
    },
    {
      name: 'migration_ready_since_timestamp_seconds',
      help: 'First observation of the current readiness.',
      labelNames,
      series: ofReadiness(({ since }) => since),
    },
    {
      name: 'migration_cutover_deadline_timestamp_seconds',
      help: 'End of the window for the cutover: as somebody stated it, else estimated.',
      labelNames,
      series: ofReadiness((readiness, { target }) =>
        deadlineOf(readiness, watch.settings().policyOf(target)),
      ),
    },
    {
      name: 'migration_cutover_deadline_estimated',
      help: '1 while the end of the window is estimated, 0 where somebody stated it.',
      labelNames,
      series: ofWindow(({ stated }) => Number(stated === undefined)),
    },
    {
      name: 'migration_acknowledged',
      help: '1 while somebody knows how things stand, and reminders rest; absent for a migration that has ended.',
      labelNames,
      series: ofOpen(({ operator }) => Number(operator?.acknowledged !== undefined)),
    },
    {
      name: 'migration_planned_cutover_timestamp_seconds',
      help: 'When the cutover is planned; absent where it is not.',
      labelNames,
      series: ofOpen(({ operator }) => operator?.plan && operator.plan.at / 1000),
    },
    {
      name: 'migration_plan_at_risk',
      help: '1 while a planned cutover may fail, or was missed; absent where none is planned.',
      labelNames,
      series: ofOpen(
        ({ operator: { plan } = {} }) => plan && Number(plan.risks !== undefined || plan.missed === true),
      ),
    },
    {
      name: 'migration_cutover_lag_high',
      help: '1 while a ready migration has had a lag above cutover.lagAtMost for ten minutes; absent where it is not ready.',
      labelNames,
      series: ofEach(({ state }) => flag(isLagHigh(state))),
    },
    {
      name: 'migration_last_observation_timestamp_seconds',
      help: 'When the migration was last read.',
      labelNames,
      series: ofEach(({ state }) => state?.observation && state.observation.observedAt / 1000),
    },
    {
      name: 'migration_reachable',
      help: '0 once polls have failed for watch.unreachableAfter; absent for a migration that has ended.',
      labelNames,
      series: ofEach((one) => flag(isReachable(one, now(), watch.settings().policyOf(one.target)))),
    },
    {
      name: 'migration_stalled',
      help: '1 while the lag makes no progress; absent for a migration that has ended.',
      labelNames,
      series: ofEach(({ state }) =>
        state?.observation === undefined || state.settlement !== undefined
          ? undefined
          : flag(stalledSeconds(state) !== undefined),
      ),
    },
  ];
}

function flag(value: boolean | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function labelsOf({ target: { name, groupId, liveMigrationId } }: MigrationSnapshot) {
  return { migration: name, group_id: groupId, live_migration_id: liveMigrationId };
}

function statusSeries(one: MigrationSnapshot): [Record<string, string>, number][] {
  const current = one.state?.settlement ?? one.state?.known.status;
  if (current === undefined) return [];
  return [...new Set([...documentedStatuses, current])].map((status) => [
    { ...labelsOf(one), status },
    Number(status === current),
  ]);
}
