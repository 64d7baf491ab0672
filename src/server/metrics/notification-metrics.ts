import type { SinkStatus } from '../../sinks/sink-status.ts';
import type { ServerContext } from '../context.ts';
import type { MetricDefinition, Series } from './registry.ts';

/** Outcomes that are not a delivery. */
const failures = ['failed', 'refused', 'rejected', 'gone'] as const;

/** Returns the gauges of notifications and of the ping. */
export function notificationGauges(
  watch: ServerContext['watch'],
  now: ServerContext['now'],
): readonly MetricDefinition[] {
  const ofEach = (value: (receiver: SinkStatus) => number) => (): Series =>
    watch.notifications().receivers.map((receiver) => [{ sink: receiver.name }, value(receiver)]);
  return [
    {
      name: 'notification_queue',
      help: 'Events that wait for the receiver.',
      labelNames: ['sink'],
      isOptional: true,
      series: ofEach(({ waiting }) => waiting),
    },
    {
      name: 'notification_oldest_seconds',
      help: 'How long ago the oldest event happened that waits for the receiver; 0 while none does.',
      labelNames: ['sink'],
      isOptional: true,
      series: ofEach(({ oldestAt }) => (oldestAt === undefined ? 0 : Math.max(0, now() - oldestAt) / 1000)),
    },
    {
      name: 'ping_last_success_timestamp_seconds',
      help: 'When the ping was last taken.',
      isOptional: true,
      series: () => {
        const { pingTakenAt } = watch.notifications();
        return pingTakenAt === undefined ? [] : [[{}, pingTakenAt / 1000]];
      },
    },
  ];
}

/** Returns what was counted of notifications since the start. */
export function notificationCounters(
  counters: ServerContext['counters'],
  watch: ServerContext['watch'],
): readonly MetricDefinition[] {
  const names = (): readonly string[] => watch.notifications().receivers.map(({ name }) => name);
  return [
    {
      name: 'notifications_total',
      help: 'Events that the receiver has taken.',
      labelNames: ['sink'],
      isOptional: true,
      series: () => names().map((sink) => [{ sink }, counters.attempts.get(sink)?.get('delivered') ?? 0]),
    },
    {
      name: 'notifications_failed_total',
      help: 'Attempts that the receiver has not taken: failed is tried again; refused, too, but somebody must correct something; rejected is given up; gone wants nothing any more.',
      labelNames: ['sink', 'reason'],
      isOptional: true,
      series: () =>
        names().flatMap((sink) =>
          failures.map(
            (reason) => [{ sink, reason }, counters.attempts.get(sink)?.get(reason) ?? 0] as const,
          ),
        ),
    },
  ];
}
