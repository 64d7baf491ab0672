import { errorKinds } from '../../atlas/error-kind.ts';
import { catalogue, type EventName } from '../../events/catalogue.ts';
import type { LeaseView } from '../../state/leased-store.ts';
import { scopeKey } from '../../state/migration-state.ts';
import type { ServerContext } from '../context.ts';
import { notificationCounters, notificationGauges } from './notification-metrics.ts';
import type { MetricDefinition, Series } from './registry.ts';

/** Returns the gauges of the watcher itself. */
export function watcherGauges({ counters, version, watch, now }: ServerContext): readonly MetricDefinition[] {
  const ofLease = (value: (lease: LeaseView) => number) => (): Series => {
    const { lease } = watch.role();
    return lease === undefined ? [] : [[{}, value(lease)]];
  };
  return [
    {
      name: 'rate_limit_remaining',
      help: 'Requests that Atlas will still accept from the project, as it last reported.',
      labelNames: ['group_id'],
      series: () => {
        const groups = new Set(watch.snapshots().map(({ target }) => target.groupId));
        return [...counters.remaining]
          .filter(([groupId]) => groups.has(groupId))
          .map(([group_id, remaining]) => [{ group_id }, remaining]);
      },
    },
    {
      name: 'outage',
      help: '1 for a project or the account most of whose migrations cannot be read; 0 for the others.',
      labelNames: ['scope', 'group_id'],
      series: () => (isStandby(watch) ? [] : outageSeries(watch)),
    },
    {
      name: 'config_last_reload_successful',
      help: '1 while the configuration in use is the one that was last read.',
      series: () => [[{}, Number(watch.status().configCurrent)]],
    },
    {
      name: 'active',
      help: '1 for the watcher that polls and reports, 0 for a standby; 1 where the store is not shared.',
      series: () => [[{}, Number(!isStandby(watch))]],
    },
    {
      name: 'lease_epoch',
      help: 'Grows with each watcher that takes the lease of the shared store.',
      isOptional: true,
      series: ofLease(({ epoch }) => epoch),
    },
    {
      name: 'lease_remaining_seconds',
      help: 'How long the lease of the shared store still runs, as this watcher knows it; negative once it has expired.',
      isOptional: true,
      series: ofLease(({ remainingMs }) => remainingMs / 1000),
    },
    {
      name: 'unfenced',
      help: '1 while what an active watcher reports is not in the shared store, so that another one may report it too; absent where the store is not shared.',
      isOptional: true,
      series: ofLease(() => Number(watch.role().unfenced === true)),
    },
    ...notificationGauges(watch, now),
    {
      name: 'build_info',
      help: 'Always 1; the labels say what is running.',
      labelNames: ['version', 'node_version'],
      series: () => [[{ version, node_version: process.version }, 1]],
    },
  ];
}

/** Returns what was counted of the watcher itself since its start. */
export function watcherCounters({ counters, watch }: ServerContext): readonly MetricDefinition[] {
  return [
    { name: 'polls_total', help: 'Polls that have ended.', series: () => [[{}, counters.pollSeconds.count]] },
    {
      name: 'poll_failures_total',
      help: 'Polls that failed after their retries, by the kind of the last error.',
      labelNames: ['error_type'],
      series: () =>
        errorKinds.map((error_type) => [{ error_type }, counters.pollFailures.get(error_type) ?? 0]),
    },
    {
      name: 'requests_total',
      help: 'Requests to Atlas, by the status of the reply; none where no complete one came.',
      labelNames: ['code'],
      series: () => [...counters.requests].map(([code, count]) => [{ code }, count]),
    },
    {
      name: 'events_total',
      help: 'Events, at any log level.',
      labelNames: ['event'],
      series: () =>
        (Object.keys(catalogue) as EventName[]).map((event) => [{ event }, counters.events.get(event) ?? 0]),
    },
    ...notificationCounters(counters, watch),
  ];
}

/** Returns whether this watcher stands by for another one. */
export function isStandby(watch: Pick<ServerContext['watch'], 'role'>): boolean {
  return watch.role().role === 'standby';
}

/** The account has an empty `group_id`, which to Prometheus is none. */
function outageSeries(watch: ServerContext['watch']): Series {
  const open = new Set(watch.openOutages().map(scopeKey));
  const projects = new Set(watch.snapshots().map(({ target }) => target.groupId));
  return [
    [{ scope: 'account', group_id: '' }, Number(open.has('account'))],
    ...[...projects].map(
      (group_id) => [{ scope: 'project', group_id }, Number(open.has(`project:${group_id}`))] as const,
    ),
  ];
}
