import { expect, test } from 'vitest';
import { play, start } from '../watch/sample-migrations.ts';
import { serve, watchedOrders } from './served.ts';

test('the status has the headline, its tone, and how many migrations stand where', async () => {
  const { ask } = await serve({
    snapshots: () => [watchedOrders({ state: play([{ status: 'WORKING' }]).state }), watchedOrders()],
    now: () => start + 10_000,
  });
  const { status, json } = await ask('/api/status');
  expect(status).toBe(200);
  expect(json()).toMatchObject({
    headline: expect.stringMatching(/1 not read yet\.$/),
    tone: expect.any(String),
    migrations: 2,
    standings: { unknown: 1 },
    watcher: { version: '1.2.3' },
  });
});

test('the status says that nobody watches while the poll loop does not run', async () => {
  const stuck = { alive: false, stuckForSeconds: 60, reason: 'It is stuck.' } as const;
  const { ask } = await serve({ liveness: () => stuck });
  expect((await ask('/api/status')).json()).toMatchObject({
    headline: 'Not watching since 22:59 UTC.',
    tone: 'alarm',
    watcher: { notWatchingSince: '2026-11-23T22:59:00.000Z', problems: ['It is stuck.'] },
  });
});

test('the status of a standby says for whom it stands by, and has the lease', async () => {
  const lease = { epoch: 7, holder: 'db-2 (pid 4)', remainingMs: 20_400 };
  const { ask } = await serve({ role: () => ({ role: 'standby', lease }) });
  expect((await ask('/api/status')).json()).toMatchObject({
    headline: expect.stringMatching(/^Standing by for db-2\. /),
    role: 'standby',
    lease: { epoch: 7, holder: 'db-2 (pid 4)', remainingSeconds: 20 },
  });
  const alone = (await (await serve()).ask('/api/status')).json();
  expect(alone).toMatchObject({ role: 'active' });
  expect(alone).not.toHaveProperty('lease');
});

test('the status refuses a parameter', async () => {
  const { ask } = await serve();
  expect((await ask('/api/status?x=1')).status).toBe(400);
});

test('the status shows how each receiver of notifications stands, and nothing where there is none', async () => {
  const lastAnswer = { at: start, text: 'HTTP 503', delivered: false };
  const failing = { name: 'on-call', type: 'slack', state: 'failing', waiting: 2, lastAnswer } as const;
  const receivers = [{ ...failing, oldestAt: start - 60_000, isReported: true }] as const;
  const { ask } = await serve({ notifications: () => ({ receivers, pingTakenAt: undefined }) });
  const shown = {
    name: 'on-call',
    type: 'slack',
    state: 'failing',
    reported: true,
    waiting: 2,
    oldestAt: '2026-11-23T22:59:00.000Z',
    lastAnswer: { at: '2026-11-23T23:00:00.000Z', text: 'HTTP 503', delivered: false },
  };
  expect((await ask('/api/status')).json()).toMatchObject({
    notifications: [shown],
    watcher: expect.not.objectContaining({ notifications: expect.anything() }),
  });
  expect((await ask('/api/migrations')).json()).toMatchObject({ watcher: { notifications: [shown] } });
  const none = await serve();
  for (const path of ['/api/status', '/api/migrations', '/metrics'])
    expect((await none.ask(path)).body).not.toMatch(/"notifications"|cutover_watch_(notification|ping)/);
});
