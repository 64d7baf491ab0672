import { errorKinds } from '../../atlas/error-kind.ts';
import { catalogue, type EventName } from '../../events/catalogue.ts';
import type { ServerContext } from '../context.ts';
import type { MetricDefinition } from './registry.ts';

/** What is told of the watching itself, as it is. */
export function watcherGauges({ tally, version, watched }: ServerContext): readonly MetricDefinition[] {
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

/** What is told of the watching itself, as it has been counted since the start. */
export function watcherCounters({ tally }: ServerContext): readonly MetricDefinition[] {
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
