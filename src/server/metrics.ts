import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { MetricDefinition } from './metric.ts';
import { migrationGauges } from './migration-metrics.ts';
import { pollDuration } from './poll-duration.ts';
import type { Sources } from './sources.ts';
import { watcherCounters, watcherGauges } from './watcher-metrics.ts';

const prefix = 'cutover_watch_';
/** Names that `promtool check metrics` finds fault with: gauges that end as counters do. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** Returns the registry of this program. Every value of it is taken from the sources when it is asked for. */
export function createRegistry(sources: Sources): Registry {
  const registry = new Registry();
  for (const { series, ...definition } of watcherCounters(sources))
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
  registry.registerMetric(pollDuration(`${prefix}poll_duration_seconds`, () => sources.tally.pollSeconds));
  // Its look at the event loop wakes the program: seldom is enough.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  for (const name of misnamed) registry.removeSingleMetric(name);
  return registry;
}

function described({ name, help, labelNames = [] }: Omit<MetricDefinition, 'series'>) {
  return { name: prefix + name, help, labelNames: [...labelNames], registers: [] };
}
