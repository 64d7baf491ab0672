import { expect, test } from 'vitest';
import { standbyText, standingOf } from '../../../src/page/header/standing.ts';
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

test('a standby says for whom it stands by, in the headline and in a line below it', () => {
  const standby = { ...watcher, role: 'standby', lease: { epoch: 7, holder: 'db-2 (pid 4)' } } as const;
  expect(standingOf({ connection, watcher: standby }, [], now)).toMatchObject({
    text: expect.stringMatching(/^Standing by for db-2\. /),
    alarms: [],
  });
  expect(standbyText(standby)).toBe('Standby: db-2 polls and reports. This one takes over if it ends.');
  expect(standbyText({ ...standby, lease: { epoch: 7 } })).toMatch(/^Standby: no watcher is active\./);
  expect(standbyText(watcher)).toBeUndefined();
});
