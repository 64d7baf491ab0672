import { expect, test } from 'vitest';
import { alertsOf } from '../../../src/page/alerts/alerts.ts';
import { initialState } from '../../../src/page/state.ts';
import { localText } from '../../../src/page/times.ts';
import type { WatcherView } from '../../../src/server/watcher-view.ts';
import { sampleEvent } from '../../events/sample-events.ts';
import { start } from '../../watch/sample-migrations.ts';

const state = initialState({ filter: { search: '', labels: [] } }, undefined);
const watcher: WatcherView = {
  time: new Date(start).toISOString(),
  version: '1.2.3',
  startedAt: new Date(start).toISOString(),
  role: 'active',
  credential: 'apiKey',
  problems: [],
  consoleUrl: 'https://cloud.mongodb.com',
  title: 'production',
};

test('there is an alert for what is ready, near its deadline, or has failed, and for nothing else', () => {
  const events = [
    sampleEvent('migration.ready_for_cutover', { migration: 'orders', eventId: 'a' }),
    sampleEvent('migration.cutover_deadline_near', { migration: 'orders', eventId: 'b' }),
    sampleEvent('migration.lag_stalled', { migration: 'orders', eventId: 'c' }),
    sampleEvent('migration.failed', { migration: 'billing', eventId: 'd' }),
  ];
  const alerts = alertsOf({ ...state, events, watcher }, start);
  expect(alerts.map(({ id, migration }) => [id, migration])).toEqual([
    ['a', 'orders'],
    ['b', 'orders'],
    ['d', 'billing'],
  ]);
  // The end of the window is in the zone of the reader, from the field of the event.
  const deadline = String(events[0]?.deadline);
  expect(alerts[0]?.text).toBe(`orders is ready for cutover. Cut over before ${localText(deadline, start)}.`);
  expect(new Set(alerts.map(({ title }) => title))).toEqual(new Set(['production']));
});

test('there is an alert while nobody watches, and once the connection has been lost for 30 s', () => {
  const dead = { ...watcher, notWatchingSince: watcher.time };
  expect(alertsOf({ ...state, watcher: dead }, start + 5_000)[0]?.text).toMatch(/^Not watching since/);
  const lost = { ...state, watcher, connection: { state: 'lost', since: start } as const };
  expect(alertsOf(lost, start + 29_000)).toEqual([]);
  expect(alertsOf(lost, start + 30_000)[0]?.text).toMatch(/^Not connected to the watcher since/);
});
