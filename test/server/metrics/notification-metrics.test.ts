import { expect, test } from 'vitest';
import { Counters } from '../../../src/server/counters.ts';
import { minute, start } from '../../watch/sample-migrations.ts';
import { parseMetrics } from '../parse-metrics.ts';
import { serve } from '../served.ts';

test('the metrics of notifications have each receiver of the configuration, and no former one', async () => {
  const counters = new Counters();
  counters.attempt('on-call', 'delivered');
  counters.attempt('on-call', 'delivered');
  counters.attempt('on-call', 'failed');
  counters.attempt('former', 'failed');
  const receivers = [
    { name: 'on-call', type: 'slack', state: 'failing', waiting: 3, oldestAt: start - 20 * minute },
    { name: 'mail', type: 'email', state: 'working', waiting: 0 },
  ] as const;
  const { ask } = await serve({
    counters,
    notifications: () => ({ receivers, pingTakenAt: start - minute }),
  });
  const series = Object.entries(parseMetrics((await ask('/metrics')).body)).filter(([name]) =>
    /cutover_watch_(notification|ping)/.test(name),
  );
  expect(Object.fromEntries(series)).toEqual({
    'cutover_watch_notifications_total{sink="on-call"}': 2,
    'cutover_watch_notifications_total{sink="mail"}': 0,
    ...Object.fromEntries(
      ['on-call', 'mail'].flatMap((sink) =>
        ['failed', 'refused', 'rejected', 'gone'].map((reason) => [
          `cutover_watch_notifications_failed_total{sink="${sink}",reason="${reason}"}`,
          sink === 'on-call' && reason === 'failed' ? 1 : 0,
        ]),
      ),
    ),
    'cutover_watch_notification_queue{sink="on-call"}': 3,
    'cutover_watch_notification_queue{sink="mail"}': 0,
    'cutover_watch_notification_oldest_seconds{sink="on-call"}': 1_200,
    'cutover_watch_notification_oldest_seconds{sink="mail"}': 0,
    cutover_watch_ping_last_success_timestamp_seconds: (start - minute) / 1000,
  });
});
