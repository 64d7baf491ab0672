import { describe, expect, it } from 'vitest';
import { startSimulator } from '../atlas/simulated-service-account.ts';
import { orders, targetOf } from '../watch/sample-migrations.ts';
import { SessionHarness, settingsOf, startAtlas } from './session-harness.ts';

const billing = targetOf(1);
const second = 1_000;

describe('the end of a session', () => {
  const account = { clientId: 'mdb_sa_id_12', clientSecret: 'mdb_sa_sk_s3cr3t' };

  it('revokes each access token once, after a change of how much is asked and one of where', async () => {
    const simulator = await startSimulator(account, Date.now);
    const { config, notifications, state } = await settingsOf({
      baseUrl: simulator.baseUrl,
      migrations: [orders],
    });
    const credentials = { type: 'serviceAccount', ...account } as const;
    const harness = await SessionHarness.start({ config, credentials, notifications, state });
    await harness.round();
    const reload = async (atlas: Partial<typeof config.atlas>) => {
      const changed = { ...config, atlas: { ...config.atlas, ...atlas } };
      await harness.reload({ config: changed, credentials, notifications, state });
      await harness.round();
    };
    await reload({ requestsPerMinute: 50, pollTimeout: 20_000 });
    expect(simulator.tokenCounts).toMatchObject({ token: 1, revoke: 0 });
    await reload({ requestTimeout: 5_000 });
    await expect.poll(() => simulator.tokenCounts).toMatchObject({ token: 1, revoke: 1 });
    await harness.session.stop(0);
    expect(simulator.tokenCounts).toEqual({ token: 1, revoke: 1, live: 0 });
  });

  it('gives its polls their time, although those of the session before over the same connection have ended', async () => {
    const atlas = await startAtlas();
    const { baseUrl } = atlas;
    for (const { liveMigrationId } of [orders, billing]) atlas.replies.set(liveMigrationId, 'held');
    const harness = await SessionHarness.start(await settingsOf({ baseUrl, migrations: [orders] }));
    await expect.poll(() => atlas.requests).toHaveLength(1);
    await harness.reload(await settingsOf({ baseUrl, migrations: [orders, billing] }));
    const polling = (): number =>
      [...harness.fleet.all].filter((migration) => migration.polling !== undefined).length;
    await expect.poll(polling).toBe(2);
    const stopped = harness.session.stop(5 * second);
    // The first request of a connection is answered before others are sent.
    atlas.release();
    await expect.poll(() => harness.polled).toEqual(['orders']);
    await expect.poll(() => atlas.requests).toHaveLength(2);
    atlas.release();
    await stopped;
    expect(harness.fleet.snapshots).toMatchObject([{ latest: 'read' }, { latest: 'read' }]);
    expect(atlas.requests).toHaveLength(2);
  });

  it('comes after that of the session before, whose access token is revoked too', async () => {
    const simulator = await startSimulator(account, Date.now);
    const { config, notifications, state } = await settingsOf({
      baseUrl: simulator.baseUrl,
      migrations: [orders],
    });
    const credentials = { type: 'serviceAccount', ...account } as const;
    const harness = await SessionHarness.start({ config, credentials, notifications, state });
    await harness.round();
    await harness.reload({
      config: { ...config, atlas: { ...config.atlas, requestTimeout: 5_000 } },
      credentials,
      notifications,
      state,
    });
    await harness.session.stop(0);
    expect(simulator.tokenCounts).toEqual({ token: 1, revoke: 1, live: 0 });
  });

  it('cuts off polls when its time is over, those of the session before too', async () => {
    const atlas = await startAtlas();
    const { baseUrl } = atlas;
    for (const { liveMigrationId } of [orders, billing]) atlas.replies.set(liveMigrationId, 'held');
    const harness = await SessionHarness.start(await settingsOf({ baseUrl, migrations: [orders] }));
    await expect.poll(() => atlas.requests).toHaveLength(1);
    const other = { baseUrl, atlas: { requestTimeout: '5s' } };
    await harness.reload(await settingsOf({ ...other, migrations: [orders, billing] }));
    await expect.poll(() => atlas.requests).toHaveLength(2);
    const began = performance.now();
    await harness.session.stop(100);
    expect(performance.now() - began).toBeLessThan(2_000);
    expect([harness.polled, harness.faults]).toEqual([[], []]);
  });
});
