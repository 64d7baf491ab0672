import type { Metric } from 'prom-client';
import type { PollSeconds } from '../counters.ts';

/** Returns a histogram with what was counted before prom-client was loaded. Its own one can only be observed into. */
export function pollDuration(name: string, current: () => PollSeconds): Metric<'le'> {
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
    help: 'How long polls took, with all their retries.',
    type: 'histogram',
    get: () => Promise.resolve({ ...histogram, values: values(current()) }),
  };
  return histogram as unknown as Metric<'le'>;
}
