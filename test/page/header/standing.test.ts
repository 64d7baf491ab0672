import { expect, test } from 'vitest';
import { standingOf } from '../../../src/page/header/standing.ts';
import type { WatcherView } from '../../../src/server/watcher-view.ts';

const now = Date.UTC(2026, 10, 29, 3);
const connection = { state: 'connected' } as const;
const watcher: WatcherView = {
  time: new Date(now).toISOString(),
  version: '1.2.3',
  startedAt: new Date(now - 60_000).toISOString(),
  role: 'active',
  credential: 'apiKey',
  problems: [],
  consoleUrl: 'https://cloud.mongodb.com',
};

test('notifications that do not arrive are a warning at the top, and change no headline', () => {
  const failing = {
    name: 'on-call',
    type: 'webhook',
    state: 'failing',
    reported: true,
    waiting: 3,
    failingSince: new Date(now - 25 * 60_000).toISOString(),
    lastAnswer: { at: new Date(now).toISOString(), text: 'HTTP 503', delivered: false },
  } as const;
  const well = standingOf({ connection, watcher }, [], now);
  const bad = standingOf({ connection, watcher: { ...watcher, notifications: [failing] } }, [], now);
  expect(well.alarms).toEqual([]);
  expect(bad).toEqual({
    ...well,
    alarms: [
      {
        kind: 'notifications',
        tone: 'warning',
        text: 'Notifications to on-call have not arrived',
        more: 'for 25 min (HTTP 503); 3 wait.',
      },
    ],
  });
});
