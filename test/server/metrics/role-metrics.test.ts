import { expect, test } from 'vitest';
import { projectOutage } from '../../state/sample-change.ts';
import { start } from '../../watch/sample-migrations.ts';
import { copied, serve, watchedOrders } from '../served.ts';

test('a standby exports its role and the lease, and nothing of migrations, outages and receivers', async () => {
  const { ask } = await serve({
    role: () => ({ role: 'standby', lease: { epoch: 7, holder: 'db-2 (pid 4)', remainingMs: 20_500 } }),
    snapshots: () => [watchedOrders({ state: copied })],
    openOutages: () => [projectOutage],
    notifications: () => ({
      receivers: [{ name: 'on-call', type: 'slack', state: 'working', waiting: 0 }],
      pingTakenAt: start,
    }),
  });
  const body = (await ask('/metrics')).body;
  for (const line of ['active 0', 'lease_epoch 7', 'lease_remaining_seconds 20.5', 'unfenced 0'])
    expect(body).toContain(`
cutover_watch_${line}
`);
  expect(body).not.toMatch(/^cutover_watch_(migration|outage|rate_limit|notification|ping)/m);
});

test('where the store is not shared, the watcher is active, and there is no lease', async () => {
  const body = (await (await serve()).ask('/metrics')).body;
  expect(body).toContain('cutover_watch_active 1');
  expect(body).not.toMatch(/cutover_watch_(lease|unfenced)/);
});
