import { expect, it } from 'vitest';
import { openSharedStore } from '../../../src/state/postgres/store.ts';
import { StateError } from '../../../src/state/store.ts';
import { describeWithPostgres } from '../../postgres/databases.ts';
import { batchOf, commitEvents, eventOf, keyOf, orders, recordedState } from '../sample-change.ts';
import { describeStore } from '../store-contract.ts';

const sample = { ...orders, observedAt: 1, lagTimeSeconds: 4 };

describeWithPostgres('a database', (databases) => {
  describeStore('it', () => databases.held());

  it('is named without user and password', async () => {
    const url = await databases.server.emptyDatabase();
    const store = await databases.opened(`${url}?keepalives=1`);
    expect(store.path).toBe(`postgresql://127.0.0.1:${databases.server.port}${new URL(url).pathname}`);
  });

  it('has everything for the next watcher that opens it', async () => {
    const url = await databases.server.emptyDatabase();
    const former = await databases.held(url);
    await former.commit(batchOf({ states: [recordedState()], samples: [sample], events: [eventOf('a')] }));
    await former.lease.release();
    const store = await databases.held(url);
    expect(await store.states([orders])).toEqual([recordedState()]);
    expect(await store.samples(orders, 0)).toEqual([{ observedAt: 1, lagTimeSeconds: 4 }]);
    expect(await store.lastPosition()).toBe(1);
    expect(await commitEvents(store, eventOf('b'))).toEqual([{ position: 2, record: eventOf('b') }]);
  });

  it('shows others what changed since a revision, as of one moment', async () => {
    const url = await databases.server.emptyDatabase();
    const [store, other] = [await databases.held(url), await databases.opened(url)];
    const empty = await other.changesSince(0);
    expect(empty.states).toEqual([]);
    await store.commit(batchOf({ states: [recordedState(), recordedState('NEW', keyOf(1))] }));
    const first = await other.changesSince(empty.revision);
    expect(first.states).toHaveLength(2);
    await store.commit(batchOf({ states: [recordedState('WORKING', keyOf(1))] }));
    const second = await other.changesSince(first.revision);
    expect(second.states).toEqual([recordedState('WORKING', keyOf(1))]);
    expect(await other.changesSince(second.revision)).toEqual({ revision: second.revision, states: [] });
  });

  it('has texts with every character that JSON can have', async () => {
    const store = await databases.held();
    const name = 'a\0b\u{d800}"\\{},NULL🍊';
    const record = { ...eventOf('a\0'), migration: name };
    await commitEvents(store, record);
    expect(await store.latestEvents(1)).toEqual([record]);
    expect(await store.eventsAfter('a\0', 1)).toEqual([]);
  });

  it('takes the latest of what a batch has twice', async () => {
    const store = await databases.held();
    const cursors = [1, 0].map((position) => ({ sink: 'stdout', position }));
    const states = [recordedState('NEW'), recordedState('WORKING')];
    await store.commit(batchOf({ states, samples: [sample, { ...sample, lagTimeSeconds: 5 }], cursors }));
    expect(await store.states([orders])).toEqual([recordedState('WORKING')]);
    expect(await store.samples(orders, 0)).toEqual([{ observedAt: 1, lagTimeSeconds: 5 }]);
    expect(await store.cursors()).toEqual([{ sink: 'stdout', position: 0 }]);
  });

  it('refuses records that are not valid', async () => {
    const url = await databases.server.emptyDatabase();
    const store = await databases.held(url);
    await store.commit(batchOf({ states: [recordedState()], events: [eventOf('a')] }));
    await databases.server.run(
      `UPDATE cutover_watch.migration SET state = '{}'; UPDATE cutover_watch.event SET record = 'x'`,
      url,
    );
    const error: unknown = await store.states([orders]).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(StateError);
    expect(error).toMatchObject({ reason: 'damaged' });
    expect(String(error)).toContain(store.path);
    await expect(store.eventsFrom(0, 1)).rejects.toMatchObject({ reason: 'damaged' });
  });

  it('is made by one of several watchers that start at the same moment', async () => {
    const url = await databases.server.emptyDatabase();
    const stores = await Promise.all([1, 2, 3, 4].map(() => databases.opened(url)));
    const takings = await Promise.all(stores.map(({ lease }) => lease.take()));
    expect(takings.filter(({ taken }) => taken)).toHaveLength(1);
  });

  it('may have the schema already, for a user that may not create one', async () => {
    const { server } = databases;
    const url = await server.newDatabase();
    await server.run(
      `CREATE SCHEMA cutover_watch AUTHORIZATION lookout; REVOKE CREATE ON DATABASE ${new URL(url).pathname.slice(1)} FROM lookout`,
      url,
    );
    const store = await databases.held(url);
    expect(await commitEvents(store, eventOf('a'))).toHaveLength(1);
  });

  it('of a newer version is refused and not touched', async () => {
    const url = await databases.server.emptyDatabase();
    const store = await databases.opened(url);
    await databases.server.run('UPDATE cutover_watch.watcher SET schema_version = 2', url);
    const newer = /newer version of cutover-watch \(their version is 2, this program knows 1\)/;
    await expect(openSharedStore(url, 30_000)).rejects.toThrow(newer);
    await expect(store.lease.take()).rejects.toThrow(newer);
    const [row] = await databases.server.run('SELECT epoch FROM cutover_watch.watcher', url);
    expect(row).toEqual({ epoch: 0 });
  });
});
