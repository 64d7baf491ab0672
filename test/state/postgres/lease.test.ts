import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { FencedError } from '../../../src/state/store.ts';
import { describeWithPostgres } from '../../postgres/databases.ts';
import {
  accountOutage,
  batchOf,
  commitEvents,
  eventOf,
  idsOf,
  orders,
  recordedState,
  start,
} from '../sample-change.ts';

/** A lease that a test can wait for, in ms. */
const shortMs = 1_200;

describeWithPostgres('the lease of a database', (databases) => {
  /** Resolves to two stores over one database. */
  async function two(leaseMs?: number) {
    const url = await databases.server.emptyDatabase();
    const expire = () =>
      databases.server.run('UPDATE cutover_watch.watcher SET expires_at = clock_timestamp()', url);
    return {
      url,
      expire,
      one: await databases.opened(url, leaseMs),
      other: await databases.opened(url, leaseMs),
    };
  }

  it('is free at first, held by the one that takes it, and free again after its release', async () => {
    const { one, other } = await two();
    expect(await one.lease.look()).toEqual({ epoch: 0, holder: undefined, remainingMs: 0 });
    expect(await one.lease.take()).toEqual({ taken: true, epoch: 1, after: 'free', former: undefined });
    const holder = expect.stringMatching(/ \(pid \d+\)$/);
    const { lease } = { lease: await other.lease.look() };
    expect(lease).toMatchObject({ epoch: 1, holder });
    expect(lease.remainingMs).toBeGreaterThan(25_000);
    expect(await other.lease.take()).toMatchObject({ taken: false, lease: { epoch: 1, holder } });
    await one.lease.release();
    expect(await other.lease.look()).toMatchObject({ holder: undefined, remainingMs: 0 });
    expect(await other.lease.take()).toMatchObject({ taken: true, epoch: 2, after: 'free' });
  });

  it('goes to another watcher when it has expired, and not while it is renewed', async () => {
    const { one, other } = await two(shortMs);
    await one.lease.take();
    await delay(shortMs / 2);
    await one.lease.renew();
    await delay(shortMs / 2 + 50);
    expect(await other.lease.take()).toMatchObject({ taken: false });
    await delay(shortMs / 2);
    const { remainingMs } = await other.lease.look();
    expect(remainingMs).toBeLessThanOrEqual(0);
    expect(await other.lease.take()).toMatchObject({ taken: true, epoch: 2, after: 'expired' });
  });

  it('that has expired is renewed where nobody has taken it', async () => {
    const { one, other, expire } = await two();
    await one.lease.take();
    await expire();
    await one.lease.renew();
    expect(await other.lease.take()).toMatchObject({ taken: false });
    expect(await commitEvents(one, eventOf('a'))).toHaveLength(1);
  });

  it('is renewed also where a late attempt of the same watcher has taken it once more', async () => {
    const { url, one, other } = await two();
    await one.lease.take();
    await databases.server.run(
      'UPDATE cutover_watch.watcher SET epoch = epoch + 1, expires_at = clock_timestamp()',
      url,
    );
    await one.lease.renew();
    expect(await other.lease.take()).toMatchObject({ taken: false, lease: { epoch: 2 } });
    expect(await commitEvents(one, eventOf('a'))).toHaveLength(1);
  });

  it('taken over lets the former holder write nothing', async () => {
    const { one, other, expire } = await two();
    await one.lease.take();
    const samples = [{ ...orders, observedAt: start, lagTimeSeconds: 3 }];
    const cursors = [{ sink: 'pager', position: 1 }];
    await one.commit(batchOf({ states: [recordedState('NEW')], events: [eventOf('a')], samples, cursors }));
    await expire();
    const taking = await other.lease.take();
    expect(taking).toMatchObject({ taken: true });
    const { revision } = await other.changesSince(0);
    // Each of these is the first one that finds it out.
    const everything = batchOf({
      states: [recordedState()],
      outages: [{ key: 'account', outage: accountOutage }],
      samples: [{ ...orders, observedAt: start + 1, lagTimeSeconds: 3 }],
      events: [eventOf('b')],
      cursors: [{ sink: 'stdout', position: 1 }],
      removedSinks: ['pager'],
    });
    await expect(one.commit(everything)).rejects.toThrow(FencedError);
    for (const work of [
      () => one.commit(batchOf()),
      () => one.lease.renew(),
      () => one.maintain(start + 40 * 86_400_000),
      () => one.commit(batchOf({ cursors: [{ sink: 'stdout', position: 1 }] })),
    ])
      await expect(work()).rejects.toThrow(FencedError);
    await one.lease.release();
    expect(await other.lease.look()).toMatchObject({ epoch: 2, holder: expect.any(String) });
    expect(await other.changesSince(revision)).toEqual({ revision, states: [] });
    expect(await other.states([orders])).toEqual([recordedState('NEW')]);
    expect(idsOf(await other.latestEvents(9))).toEqual(['a']);
    expect(await other.samples(orders, 0)).toHaveLength(1);
    expect(await other.outages()).toEqual([]);
    expect(await other.cursors()).toEqual(cursors);
    expect(await commitEvents(other, eventOf('c'))).toMatchObject([{ position: 2 }]);
  });

  it.each([
    ['a renewal', (store) => store.lease.renew()],
    ['the upkeep', (store) => store.maintain(start + 40 * 86_400_000)],
    ['an empty commit', (store) => store.commit(batchOf())],
    ['a commit', (store) => commitEvents(store, eventOf('b'))],
  ] satisfies readonly (readonly [
    string,
    (store: Awaited<ReturnType<typeof two>>['one']) => Promise<unknown>,
  ])[])(
    '%s is rejected where it is the first to find out that another watcher has taken over',
    async (_name, work) => {
      const { url, one } = await two();
      await one.lease.take();
      const samples = [{ ...orders, observedAt: start, lagTimeSeconds: 3 }];
      await one.commit(batchOf({ states: [recordedState()], samples }));
      await databases.server.run(
        `UPDATE cutover_watch.watcher SET epoch = 7, holder = 'b.example (pid 9)', token = gen_random_uuid()`,
        url,
      );
      const error: unknown = await work(one).catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(FencedError);
      expect(String(error)).toContain('b.example (pid 9) has taken over');
      expect(await one.samples(orders, 0)).toHaveLength(1);
      expect(await one.latestEvents(1)).toEqual([]);
    },
  );

  it('is needed for a commit', async () => {
    const { one } = await two();
    await expect(commitEvents(one, eventOf('a'))).rejects.toThrow(FencedError);
  });

  it('is taken again by the watcher that has it, which may not know that', async () => {
    const { one } = await two();
    await one.lease.take();
    expect(await one.lease.take()).toEqual({ taken: true, epoch: 2, after: 'free', former: undefined });
    expect(await commitEvents(one, eventOf('a'))).toHaveLength(1);
  });

  it('is renewed by each commit, as a long one lets no renewal through', async () => {
    const { one, other, expire } = await two();
    await one.lease.take();
    await expire();
    await commitEvents(one, eventOf('a'));
    expect((await other.lease.look()).remainingMs).toBeGreaterThan(25_000);
    expect(await other.lease.take()).toMatchObject({ taken: false });
  });

  it('is renewed while commits are under way', async () => {
    const { one } = await two();
    await one.lease.take();
    const renewals = (async () => {
      for (let count = 0; count < 60; count += 1) await one.lease.renew();
    })();
    for (let count = 0; count < 60; count += 1) {
      const [entry] = await commitEvents(one, eventOf(`e${count}`));
      expect(entry?.position).toBe(count + 1);
    }
    await renewals;
    expect(idsOf(await one.latestEvents(100))).toHaveLength(60);
  });
});
