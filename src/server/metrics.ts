import { Counter, collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client';
import { errorKinds } from '../atlas/error-kind.ts';
import { catalogue, type EventName } from '../events/catalogue.ts';
import type { Readiness } from '../state/migration-state.ts';
import { deadlineOf } from '../watch/readiness-window.ts';
import type { Watched } from '../watch/watch.ts';
import { isReachable, isReady, readinessOf } from './migration-view.ts';
import type { Sources } from './sources.ts';
import type { PollSeconds } from './tally.ts';

const prefix = 'cutover_watch_';
const documentedStatuses = ['NEW', 'WORKING', 'FAILED', 'COMPLETE', 'EXPIRED'] as const;

/** Names that `promtool check metrics` finds fault with: gauges that end as counters do. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

type Labels = Readonly<Record<string, string>>;
type Series = Iterable<readonly [labels: Labels, value: number]>;

interface Definition {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  /** Called at every scrape. What is not known has no series. */
  readonly series: () => Series;
}

/** Returns the registry of this program. Every value of it is taken from the sources when it is asked for. */
export function createRegistry(sources: Sources): Registry {
  const registry = new Registry();
  for (const { series, ...definition } of counters(sources))
    registry.registerMetric(
      new Counter({
        ...described(definition),
        collect() {
          this.reset();
          for (const [labels, value] of series()) this.inc(labels, value);
        },
      }),
    );
  for (const { series, ...definition } of [...migrationGauges(sources), ...watcherGauges(sources)])
    registry.registerMetric(
      new Gauge({
        ...described(definition),
        collect() {
          this.reset();
          for (const [labels, value] of series()) this.set(labels, value);
        },
      }),
    );
  registry.registerMetric(pollDuration(() => sources.tally.pollSeconds));
  // Its look at the event loop wakes the program: seldom is enough.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  for (const name of misnamed) registry.removeSingleMetric(name);
  return registry;
}

function described({ name, help, labelNames = [] }: Omit<Definition, 'series'>) {
  return { name: prefix + name, help, labelNames: [...labelNames], registers: [] };
}

function migrationGauges({ watched, policy }: Sources): readonly Definition[] {
  const labelNames = ['migration', 'group_id', 'live_migration_id'];
  const ofEach = (value: (one: Watched) => number | undefined) => (): Series =>
    watched().flatMap((one) => {
      const current = value(one);
      return current === undefined ? [] : [[labelsOf(one), current] as const];
    });
  const ofReadiness = (at: (readiness: Readiness) => number) =>
    ofEach((one) => {
      const readiness = readinessOf(one);
      return readiness === undefined ? undefined : at(readiness) / 1000;
    });
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
      series: () => watched().flatMap(statusSeries),
    },
    {
      name: 'migration_lag_seconds',
      help: 'How far the copy is behind the source, as Atlas told last.',
      labelNames,
      series: ofEach(({ state }) => state?.observation?.lagTimeSeconds),
    },
    {
      name: 'migration_ready_since_timestamp_seconds',
      help: 'First observation of the present readiness.',
      labelNames,
      series: ofReadiness(({ since }) => since),
    },
    {
      name: 'migration_cutover_deadline_timestamp_seconds',
      help: 'Estimated end of the window for the cutover.',
      labelNames,
      series: ofReadiness((readiness) => deadlineOf(readiness, policy())),
    },
    {
      name: 'migration_last_observation_timestamp_seconds',
      help: 'When the migration was read last.',
      labelNames,
      series: ofEach(({ state }) => state?.observation && state.observation.observedAt / 1000),
    },
    {
      name: 'migration_reachable',
      help: '0 once several polls in a row have failed; not there for a settled migration.',
      labelNames,
      series: ofEach((one) => flag(isReachable(one))),
    },
  ];
}

function watcherGauges({ tally, version, watched }: Sources): readonly Definition[] {
  return [
    {
      name: 'rate_limit_remaining',
      help: 'Requests that Atlas will still take from the project, as it told last.',
      labelNames: ['group_id'],
      series: () => {
        const groups = new Set(watched().map(({ target }) => target.groupId));
        return [...tally.remaining]
          .filter(([groupId]) => groups.has(groupId))
          .map(([group_id, remaining]) => [{ group_id }, remaining]);
      },
    },
    {
      name: 'config_last_reload_successful',
      help: '1 while the configuration in use is the one that was read last.',
      series: () => [[{}, Number(tally.configInUse)]],
    },
    {
      name: 'build_info',
      help: 'Always 1; the labels say what is running.',
      labelNames: ['version', 'node_version'],
      series: () => [[{ version, node_version: process.version }, 1]],
    },
  ];
}

function counters({ tally }: Sources): readonly Definition[] {
  return [
    { name: 'polls_total', help: 'Polls that have ended.', series: () => [[{}, tally.polls]] },
    {
      name: 'poll_failures_total',
      help: 'Polls that failed after their retries, by the kind of the last error.',
      labelNames: ['error_type'],
      series: () => errorKinds.map((error_type) => [{ error_type }, tally.pollFailures.get(error_type) ?? 0]),
    },
    {
      name: 'requests_total',
      help: 'Requests to Atlas, by the status of the reply; none where no whole one came.',
      labelNames: ['code'],
      series: () => [...tally.requests].map(([code, count]) => [{ code }, count]),
    },
    {
      name: 'events_total',
      help: 'Events, whether the log level lets them through or not.',
      labelNames: ['event'],
      series: () =>
        (Object.keys(catalogue) as EventName[]).map((event) => [{ event }, tally.events.get(event) ?? 0]),
    },
  ];
}

function flag(value: boolean | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function labelsOf({ target: { name, groupId, liveMigrationId } }: Watched): Labels {
  return { migration: name, group_id: groupId, live_migration_id: liveMigrationId };
}

function statusSeries(one: Watched): [Labels, number][] {
  const current = one.state?.settlement ?? one.state?.known.status;
  if (current === undefined) return [];
  return [...new Set([...documentedStatuses, current])].map((status) => [
    { ...labelsOf(one), status },
    Number(status === current),
  ]);
}

/** prom-client's own histogram can only be observed into; this one shows what was counted before it was loaded. */
function pollDuration(current: () => PollSeconds): Metric<'le'> {
  const name = `${prefix}poll_duration_seconds`;
  const values = ({ bounds, atMost, count, sum }: PollSeconds) => [
    ...[...bounds, '+Inf'].map((le, index) => ({
      metricName: `${name}_bucket`,
      labels: { le },
      value: atMost[index] ?? count,
    })),
    { metricName: `${name}_sum`, labels: {}, value: sum },
    { metricName: `${name}_count`, labels: {}, value: count },
  ];
  const histogram = {
    name,
    help: 'How long polls took, all their retries together.',
    type: 'histogram',
    get: () => Promise.resolve({ ...histogram, values: values(current()) }),
  };
  return histogram as unknown as Metric<'le'>;
}
