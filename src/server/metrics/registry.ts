import { setImmediate } from 'node:timers/promises';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { MigrationSnapshot } from '../../watch/fleet.ts';
import type { ServerContext } from '../context.ts';
import { migrationGauges } from './migration-metrics.ts';
import { pollDuration } from './poll-duration.ts';
import { watcherCounters, watcherGauges } from './watcher-metrics.ts';

type Labels = Readonly<Record<string, string>>;
export type Series = Iterable<readonly [labels: Labels, value: number]>;

/** One metric, without the prefix that all of them share. */
export interface MetricDefinition {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  /** Called at every scrape. What is not known has no series. */
  readonly series: () => Series;
}

const prefix = 'cutover_watch_';
/** Names that `promtool check metrics` finds fault with: gauges that end as counters do. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** The metrics of this program. */
export interface Metrics {
  readonly contentType: string;
  /**
   * Returns them for a scraper, those of the migrations as all of them are now. Between one metric and the next, others
   * get their turn. To be called again only when it is done.
   */
  write(): Promise<string>;
}

/** Returns what writes the metrics. Every value is taken from the sources when it is asked for, and not kept. */
export function createMetrics(sources: ServerContext): Metrics {
  const registry = new Registry();
  /** What all migrations are like in the metrics being written. */
  let watched: readonly MigrationSnapshot[] = [];
  const unmoved: ServerContext = { ...sources, watched: () => watched };
  const ours = new Map<string, Counter | Gauge>();
  for (const { series, ...definition } of watcherCounters(unmoved))
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
  for (const { series, ...definition } of [...migrationGauges(unmoved), ...watcherGauges(unmoved)])
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
  registry.registerMetric(pollDuration(`${prefix}poll_duration_seconds`, () => sources.tally.pollSeconds));
  // Its look at the event loop wakes the program: seldom is enough.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  for (const name of misnamed) registry.removeSingleMetric(name);

  async function write(): Promise<string> {
    const texts: string[] = [];
    watched = sources.watched();
    for (const { name } of registry.getMetricsAsArray()) {
      texts.push(await registry.getSingleMetricAsString(name));
      ours.get(name)?.reset();
      await setImmediate();
    }
    watched = [];
    return `${texts.join('\n\n')}\n`;
  }

  return { contentType: registry.contentType, write };
}

function described({ name, help, labelNames = [] }: Omit<MetricDefinition, 'series'>) {
  return { name: prefix + name, help, labelNames: [...labelNames], registers: [] };
}
