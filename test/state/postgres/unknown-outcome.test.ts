import { Client } from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { describeWithPostgres } from '../../postgres/databases.ts';
import { startProxy } from '../../postgres/proxy.ts';
import { batchOf, commitEvents, eventOf, idsOf, orders, recordedState, start } from '../sample-change.ts';

/** The longest that a call of these tests takes, in ms. */
const deadlineMs = 300;

describeWithPostgres('a commit to a database of which the outcome is unknown', (databases) => {
  /** Resolves to a store that holds the lease, behind a proxy. */
  async function behindProxy() {
    const { server } = databases;
    const proxy = await startProxy(server.port);
    onTestFinished(() => proxy.close());
    const url = await server.emptyDatabase();
    const store = await databases.held(proxy.through(url), 30_000, deadlineMs);
    return { url, proxy, store };
  }

  const first = batchOf({
    states: [recordedState('NEW')],
    events: [eventOf('b'), eventOf('c')],
    samples: [{ ...orders, observedAt: start, lagTimeSeconds: 3 }],
    cursors: [{ sink: 'stdout', position: 1 }],
  });

  it.each([
    ['the reply is late', 'wait'],
    ['the connection is lost', 'cut'],
  ] as const)('is stored once where it had succeeded, and %s', async (_name, how) => {
    const { proxy, store } = await behindProxy();
    await commitEvents(store, eventOf('a'));
    const { reached } = proxy.swallowReplies();
    const outcome = expect(store.commit(first)).rejects.toMatchObject({ reason: 'unreachable' });
    await reached;
    if (how === 'cut') proxy.cut();
    await outcome;
    proxy.heal();
    // The next attempt has what was recorded meanwhile, too.
    const next = batchOf({ ...first, states: [recordedState()], events: [...first.events, eventOf('d')] });
    expect(await store.commit(next)).toEqual({ replaced: false, positions: { first: 2, last: 4 } });
    const entries = await store.eventsFrom(0, 10);
    expect(entries.map(({ position }) => position)).toEqual([1, 2, 3, 4]);
    expect(idsOf(entries.map(({ record }) => record))).toEqual(['a', 'b', 'c', 'd']);
    expect(await store.states([orders])).toEqual([recordedState()]);
    expect(await commitEvents(store, eventOf('e'))).toMatchObject([{ position: 5 }]);
  });

  it('is stored once where several attempts in a row had no reply', async () => {
    const { proxy, store } = await behindProxy();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const { reached } = proxy.swallowReplies();
      const outcome = expect(store.commit(first)).rejects.toMatchObject({ reason: 'unreachable' });
      await reached;
      proxy.cut();
      await outcome;
    }
    proxy.heal();
    // The first event was dropped meanwhile, as memory has room for some only.
    const next = batchOf({ events: [eventOf('c'), eventOf('d')] });
    expect(await store.commit(next)).toEqual({ replaced: false, positions: { first: 2, last: 3 } });
    expect(idsOf(await store.latestEvents(10))).toEqual(['b', 'c', 'd']);
  });

  it('is stored by its retry where it had not reached the server', async () => {
    const { proxy, store } = await behindProxy();
    proxy.freeze();
    await expect(store.commit(first)).rejects.toMatchObject({ reason: 'unreachable' });
    proxy.heal();
    expect(await store.commit(first)).toEqual({ replaced: false, positions: { first: 1, last: 2 } });
    expect(idsOf(await store.latestEvents(10))).toEqual(['b', 'c']);
  });

  it('keeps an event apart from an older one with the same id', async () => {
    const { store } = await behindProxy();
    await commitEvents(store, eventOf('a'));
    expect(await commitEvents(store, eventOf('b'), eventOf('a'))).toMatchObject([
      { position: 2 },
      { position: 3 },
    ]);
    expect(idsOf(await store.latestEvents(10))).toEqual(['a', 'b', 'a']);
  });

  it('writes nothing when it reaches the server after its own retry', async () => {
    const { proxy, store } = await behindProxy();
    await commitEvents(store, eventOf('a'));
    const { deliver } = proxy.holdRequests();
    const late = batchOf({ ...first, cursors: [{ sink: 'stdout', position: 0 }] });
    await expect(store.commit(late)).rejects.toMatchObject({ reason: 'unreachable' });
    proxy.letThrough();
    expect(await store.commit(batchOf({ ...first, states: [recordedState()] }))).toMatchObject({
      positions: { first: 2, last: 3 },
    });
    const before = await store.changesSince(0);
    await deliver();
    expect(await store.changesSince(0)).toEqual(before);
    expect(idsOf(await store.latestEvents(10))).toEqual(['a', 'b', 'c']);
    expect(await store.cursors()).toEqual([{ sink: 'stdout', position: 1 }]);
    expect(await commitEvents(store, eventOf('d'))).toMatchObject([{ position: 4 }]);
  });

  it('is canceled in the server, where retries would pile up behind a lock', async () => {
    const { server } = databases;
    const { url, store } = await behindProxy();
    const locker = new Client({ connectionString: url });
    await locker.connect();
    await locker.query('BEGIN; LOCK TABLE cutover_watch.outage');
    await expect(store.commit(first)).rejects.toMatchObject({ reason: 'unreachable' });
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = '${new URL(url).pathname.slice(1)}'`;
    await expect.poll(() => server.run(waiting)).toEqual([]);
    await locker.end();
    expect(await store.commit(first)).toMatchObject({ positions: { first: 1, last: 2 } });
  });
});
