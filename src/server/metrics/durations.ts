import type { Metric } from 'prom-client';
import type { Durations } from '../counters.ts';

/** Returns a histogram with what was counted before prom-client was loaded. Its own one can only be observed into. */
export function durations(name: string, help: string, current: () => Durations): Metric<'le'> {
  const values = ({ bounds, atMost, count, sum }: Durations) => [
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
    help,
    type: 'histogram',
    get: () => Promise.resolve({ ...histogram, values: values(current()) }),
  };
  return histogram as unknown as Metric<'le'>;
}
