import { setImmediate } from 'node:timers/promises';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { MigrationSnapshot } from '../../watch/fleet.ts';
import type { NotificationStatus, ServerContext } from '../context.ts';
import { durations } from './durations.ts';
import { migrationGauges } from './migration-metrics.ts';
import { isStandby, watcherCounters, watcherGauges } from './watcher-metrics.ts';

type Labels = Readonly<Record<string, string>>;
export type Series = Iterable<readonly [labels: Labels, value: number]>;

/** One metric, without the prefix that all of them share. */
export interface MetricDefinition {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  /** Where it has no series, nothing of it is written. */
  readonly isOptional?: true;
  /** Called at every scrape. An unknown value has no series. */
  readonly series: () => Series;
}

const prefix = 'cutover_watch_';
/** Left out, because `promtool check metrics` rejects gauges with the suffix of counters. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** The active watcher notifies, a standby nobody. */
const nobody: NotificationStatus = { receivers: [], pingTakenAt: undefined };

/** The metrics of this program. */
export interface Metrics {
  readonly contentType: string;
  /**
   * Returns them as text, with all migrations as they are when it is called. Between two metrics it yields to the event
   * loop. Calls must not overlap.
   */
  write(): Promise<string>;
}

/** Returns the writer of the metrics. Every value is read at each scrape and not kept. */
export function createMetrics(context: ServerContext): Metrics {
  const registry = new Registry();
  /** All migrations, as the metrics being written show them. */
  let snapshots: readonly MigrationSnapshot[] = [];
  const { watch } = context;
  const frozen: ServerContext = {
    ...context,
    watch: {
      ...watch,
      snapshots: () => snapshots,
      notifications: () => (isStandby(watch) ? nobody : watch.notifications()),
    },
  };
  const ours = new Map<string, Counter | Gauge>();
  const counters = watcherCounters(frozen);
  const gauges = [...migrationGauges(frozen), ...watcherGauges(frozen)];
  const optional = new Map(
    [...counters, ...gauges].flatMap(({ name, isOptional, series }) =>
      isOptional === true ? [[prefix + name, series] as const] : [],
    ),
  );
  for (const { series, ...definition } of counters)
    ours.set(
      prefix + definition.name,
      new Counter({
        ...described(definition),
        collect() {
          this.reset();
          for (const [labels, value] of series()) this.inc(labels, value);
        },
      }),
    );
  for (const { series, ...definition } of gauges)
    ours.set(
      prefix + definition.name,
      new Gauge({
        ...described(definition),
        collect() {
          this.reset();
          for (const [labels, value] of series()) this.set(labels, value);
        },
      }),
    );
  for (const metric of ours.values()) registry.registerMetric(metric);
  const pollHelp = 'How long polls took, with all their retries.';
  registry.registerMetric(
    durations(`${prefix}poll_duration_seconds`, pollHelp, () => context.counters.pollSeconds),
  );
  const commitHelp = 'How long commits of the state took, whether they succeeded or not.';
  registry.registerMetric(
    durations(`${prefix}state_commit_seconds`, commitHelp, () => context.counters.commitSeconds),
  );
  // Each sample of the event loop wakes the program, so they are rare.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  for (const name of misnamed) registry.removeSingleMetric(name);

  async function write(): Promise<string> {
    const texts: string[] = [];
    // The active watcher exports the migrations: with those of a standby, sums would be wrong and alerts would come twice.
    snapshots = isStandby(watch) ? [] : watch.snapshots();
    for (const { name } of registry.getMetricsAsArray()) {
      const series = optional.get(name)?.();
      if (series === undefined || [...series].length > 0)
        texts.push(await registry.getSingleMetricAsString(name));
      ours.get(name)?.reset();
      await setImmediate();
    }
    snapshots = [];
    return `${texts.join('\n\n')}\n`;
  }

  return { contentType: registry.contentType, write };
}

function described({ name, help, labelNames = [] }: Omit<MetricDefinition, 'series'>) {
  return { name: prefix + name, help, labelNames: [...labelNames], registers: [] };
}
