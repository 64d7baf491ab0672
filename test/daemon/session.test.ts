import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { StateError } from '../../src/state/store.ts';
import type { Target } from '../../src/watch/migration/target.ts';
import { orders, targetOf } from '../watch/sample-migrations.ts';
import { SessionHarness, settingsOf, startAtlas, type Wanted } from './session-harness.ts';

const billing = targetOf(1);
const second = 1_000;

describe('a reload', () => {
  it('polls at once what it adds, and nothing that stays or leaves', async () => {
    const atlas = await startAtlas();
    const { baseUrl } = atlas;
    const stock = targetOf(2);
    const harness = await SessionHarness.start(await settingsOf({ baseUrl, migrations: [orders, stock] }));
    await harness.round();
    await harness.reload(
      await settingsOf({ baseUrl, migrations: [billing, { ...orders, name: 'renamed' }] }),
    );
    await harness.round();
    expect(harness.session.changes).toEqual({ added: ['m1'], removed: ['m2'], changed: ['renamed'] });
    expect(harness.polled.toSorted()).toEqual(['m1', 'm2', 'orders']);
    expect(harness.fleet.snapshots.map(({ target }) => target.name)).toEqual(['m1', 'renamed']);
  });

  it('leaves what stays its state, its due time, its cadence and its samples', async () => {
    const atlas = await startAtlas();
    const { baseUrl } = atlas;
    atlas.replies.set(orders.liveMigrationId, { lagTimeSeconds: 60 });
    const settings = await settingsOf({ baseUrl, migrations: [orders], schedule: '*/10 * * * * *' });
    const harness = await SessionHarness.start(settings);
    await harness.round();
    const [former] = harness.fleet.snapshots;
    const dueAt = harness.migration(orders)?.dueAt;
    expect(former).toMatchObject({
      cadence: 'approaching',
      latest: 'read',
      samples: { recent: [expect.any(Number), 60] },
    });
    harness.advance(second);
    await harness.reload(
      await settingsOf({ baseUrl, migrations: [billing, orders], schedule: '*/10 * * * * *' }),
    );
    await harness.round();
    const { state, cadence, latest, samples } = harness.fleet.snapshots[1] ?? {};
    expect({ state, cadence, latest, samples }).toEqual({
      state: former?.state,
      cadence: former?.cadence,
      latest: former?.latest,
      samples: former?.samples,
    });
    expect(harness.migration(orders)?.dueAt).toBe(dueAt);
  });

  it('starts what it adds with the samples that an earlier run left', async () => {
    const atlas = await startAtlas();
    const { baseUrl } = atlas;
    const both = await settingsOf({ baseUrl, migrations: [orders, billing] });
    const harness = await SessionHarness.start(both);
    await harness.round();
    await harness.reload(await settingsOf({ baseUrl, migrations: [orders] }));
    harness.advance(second);
    await harness.reload(both);
    await harness.round();
    expect(harness.fleet.snapshots[1]?.samples.recent).toHaveLength(2 * 2);
    expect(harness.polled).toHaveLength(3);
  });

  it('lets a poll under way end over its own connection and with its own time, and counts its result once', async () => {
    const atlas = await startAtlas();
    const { baseUrl } = atlas;
    atlas.replies.set(orders.liveMigrationId, 'held');
    const timed = async (requestTimeout: string) =>
      await settingsOf({ baseUrl, atlas: { requestTimeout }, migrations: [orders] });
    const harness = await SessionHarness.start(await timed('10s'));
    await expect.poll(() => atlas.requests).toHaveLength(1);
    await harness.reload(await timed('200ms'));
    await harness.reload(await timed('100ms'));
    await delay(400);
    atlas.release();
    await harness.round();
    expect(harness.events.map(({ event }) => event)).toEqual(['migration.first_seen']);
    expect([harness.polled, atlas.requests.length]).toEqual([['orders'], 1]);
  });

  it('does not close a connection that a poll of the session before the last uses', async () => {
    const atlas = await startAtlas();
    const { baseUrl } = atlas;
    const keys = [{}, { concurrency: 2 }, { requestTimeout: '5s' }];
    const [first, ...others] = await Promise.all(
      keys.map(async (more) => await settingsOf({ baseUrl, atlas: more, migrations: [orders] })),
    );
    if (first === undefined) throw new Error('There are three.');
    atlas.replies.set(orders.liveMigrationId, 'held');
    const harness = await SessionHarness.start(first);
    await expect.poll(() => atlas.requests).toHaveLength(1);
    for (const settings of others) await harness.reload(settings);
    await delay(100);
    atlas.release();
    await harness.round();
    expect(harness.fleet.snapshots).toMatchObject([{ latest: 'read' }]);
    expect(atlas.requests).toHaveLength(1);
  });

  it('ignores the end of a poll of what it removes', async () => {
    const atlas = await startAtlas();
    const { baseUrl } = atlas;
    atlas.replies.set(billing.liveMigrationId, 'held');
    const harness = await SessionHarness.start(await settingsOf({ baseUrl, migrations: [orders, billing] }));
    await expect.poll(() => atlas.requests).toHaveLength(2);
    await harness.reload(await settingsOf({ baseUrl, migrations: [orders] }));
    atlas.release();
    await harness.round();
    await harness.session.stop(second);
    expect(harness.polled).toEqual(['orders']);
    expect(harness.events).toMatchObject([{ event: 'migration.first_seen', migration: 'orders' }]);
  });

  it('polls nothing twice at once, however often it comes', async () => {
    const atlas = await startAtlas();
    const { baseUrl } = atlas;
    const settings = async (requestTimeout: string) =>
      await settingsOf({
        baseUrl,
        atlas: { requestTimeout },
        migrations: [orders, billing],
        schedule: '* * * * * *',
      });
    const harness = await SessionHarness.start(await settings('10s'));
    await harness.round();
    atlas.replies.set(orders.liveMigrationId, 'held');
    const requestsOf = ({ liveMigrationId }: Target): number =>
      atlas.requests.filter((id) => id === liveMigrationId).length;
    // On a busy machine it takes more reloads until the other one was polled often enough.
    for (let n = 0; n < 10 || requestsOf(billing) < 5; n += 1) {
      harness.advance(second);
      await harness.reload(await settings(`${5 + (n % 2)}s`));
      await delay(20);
    }
    expect(requestsOf(orders)).toBe(2);
    expect(atlas.mostOfOne()).toBe(1);
    atlas.release();
  });

  it('polls at once what failed, where address or credentials are others; what was read keeps its schedule', async () => {
    const atlas = await startAtlas();
    const { baseUrl } = atlas;
    atlas.replies.set(orders.liveMigrationId, 500);
    const migrations = [orders, billing];
    const harness = await SessionHarness.start(await settingsOf({ baseUrl, migrations }));
    await harness.round();
    await harness.reload(await settingsOf({ baseUrl, migrations }));
    await harness.round();
    expect(harness.polled).toHaveLength(2);
    await harness.reload(await settingsOf({ baseUrl, migrations, privateKey: 'another-private-key' }));
    await harness.round();
    expect(harness.polled.slice(2)).toEqual(['orders']);
  });

  it('polls again what fails over the connection of the session before', async () => {
    const atlas = await startAtlas();
    const { baseUrl } = atlas;
    atlas.replies.set(orders.liveMigrationId, 'held');
    const harness = await SessionHarness.start(await settingsOf({ baseUrl, migrations: [orders] }));
    await expect.poll(() => atlas.requests).toHaveLength(1);
    await harness.reload(
      await settingsOf({ baseUrl, migrations: [orders], privateKey: 'another-private-key' }),
    );
    atlas.replies.delete(orders.liveMigrationId);
    atlas.refuse();
    await harness.round();
    expect(harness.fleet.snapshots[0]).toMatchObject({ latest: 'read' });
    expect([atlas.requests.length, atlas.mostOfOne()]).toEqual([2, 1]);
  });

  it('keeps the connection where address and credentials are the same', async () => {
    const atlas = await startAtlas();
    const { baseUrl } = atlas;
    const added = [orders, billing, targetOf(2), targetOf(3)];
    const harness = await SessionHarness.start(await settingsOf({ baseUrl, migrations: added.slice(0, 1) }));
    const connections: number[] = [];
    for (const [index, atlasKeys] of [{}, { concurrency: 2 }, { requestTimeout: '5s' }].entries()) {
      await harness.round();
      connections.push(atlas.connections());
      const migrations = added.slice(0, index + 2);
      await harness.reload(await settingsOf({ baseUrl, atlas: atlasKeys, migrations }));
    }
    await harness.round();
    expect([...connections, atlas.connections()]).toEqual([1, 1, 1, 2]);
  });

  it('is refused where the state file cannot be read, and the session before goes on', async () => {
    const atlas = await startAtlas();
    const { baseUrl } = atlas;
    const schedule = '*/10 * * * * *';
    const harness = await SessionHarness.start(await settingsOf({ baseUrl, migrations: [orders], schedule }));
    await harness.round();
    const former = harness.session;
    vi.spyOn(harness.store, 'states').mockRejectedValue(new StateError('locked'));
    const next = await settingsOf({ baseUrl, migrations: [orders, billing], schedule });
    await expect(harness.reload(next)).rejects.toThrow(StateError);
    harness.advance(20 * second);
    await expect.poll(() => harness.polled, { timeout: 3_000 }).toEqual(['orders', 'orders']);
    expect(harness.session).toBe(former);
    expect(harness.fleet.snapshots).toHaveLength(1);
  });
});

/** Reloads the same settings once a second. */
async function reloadFor(harness: SessionHarness, settings: Wanted, seconds: number) {
  for (let n = 0; n < seconds; n += 1) {
    harness.advance(second);
    await harness.reload(await settingsOf(settings));
    await harness.round();
    await harness.idle();
  }
}

describe('a reload every second', () => {
  it('does not put off a poll that its schedule makes due', async () => {
    const atlas = await startAtlas();
    const { baseUrl } = atlas;
    const settings = { baseUrl, migrations: [orders], schedule: '*/10 * * * * *' };
    const harness = await SessionHarness.start(await settingsOf(settings));
    await harness.round();
    await reloadFor(harness, settings, 40);
    expect(harness.polled).toHaveLength(5);
  });

  it('does not put off the probe of refused credentials', async () => {
    const atlas = await startAtlas();
    const { baseUrl } = atlas;
    const settings = { baseUrl, migrations: [orders] };
    atlas.replies.set(orders.liveMigrationId, 401);
    const harness = await SessionHarness.start(await settingsOf(settings));
    await harness.round();
    expect(harness.calls).toEqual(['refused']);
    await reloadFor(harness, settings, 4);
    expect(harness.polled).toHaveLength(1);
    // After 5, 10 and 20 s.
    await reloadFor(harness, settings, 32);
    expect(harness.polled).toHaveLength(4);
  });

  it('does not let those that were polled before go ahead of one that waits for its first poll', async () => {
    const atlas = await startAtlas();
    const { baseUrl } = atlas;
    const busy = [0, 1, 2].map((number) => targetOf(10 + number));
    const shared = { schedule: '* * * * * *', baseUrl, atlas: { requestsPerMinute: 60 } };
    const harness = await SessionHarness.start(await settingsOf({ ...shared, migrations: busy }));
    await reloadFor(harness, { ...shared, migrations: busy }, 60);
    const migrations = [...busy, billing];
    for (let n = 0; n < 20; n += 1) {
      harness.advance(second);
      await harness.reload(await settingsOf({ ...shared, migrations }));
      await harness.idle();
    }
    expect(harness.polled).toContain('m1');
  });
});
