import { Client } from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatabaseRecord } from '../../../src/state/postgres/record.ts';
import { openDatabaseRequestBox } from '../../../src/state/postgres/request-box.ts';
import { openSharedStore } from '../../../src/state/postgres/store.ts';
import { FencedError, StateError } from '../../../src/state/store.ts';
import { freePort } from '../../free-port.ts';
import { describeWithPostgres } from '../../postgres/databases.ts';
import { hasPooler, startPooler } from '../../postgres/pooler.ts';
import { startProxy } from '../../postgres/proxy.ts';
import { batchOf, commitEvents, eventOf, idsOf, keyOf, orders, recordedState } from '../sample-change.ts';

/** The longest that a call of these tests takes, in ms. */
const deadlineMs = 300;

/** Resolves to the error of this work, which is a StateError without any secret. */
async function faultOf(work: Promise<unknown>): Promise<StateError> {
  const error: unknown = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof StateError)) throw new Error('this is no StateError', { cause: error });
  const said = JSON.stringify([error.message, error.remedy, error.stack, error.cause]);
  expect(said).not.toMatch(/lookout|p@ss|w%C3|wrong-one/);
  return error;
}

describeWithPostgres('a database in trouble', (databases) => {
  describe('that was replaced', () => {
    it('by nothing gets its tables again, and the commit says so', async () => {
      const url = await databases.server.emptyDatabase();
      const [store, other] = [await databases.held(url), await databases.opened(url)];
      await commitEvents(store, eventOf('a'), eventOf('b'));
      const { revision } = await other.changesSince(0);
      await databases.server.run('DROP SCHEMA cutover_watch CASCADE', url);
      expect(await faultOf(store.states([orders]))).toMatchObject({ reason: 'missing' });
      const batch = batchOf({ states: [recordedState()], events: [eventOf('c')] });
      expect(await store.commit(batch)).toEqual({ replaced: true, position: 0 });
      expect(await store.states([orders])).toEqual([]);
      expect(await store.commit(batch)).toEqual({ replaced: false, positions: { first: 1, last: 1 } });
      expect((await other.changesSince(revision)).states).toEqual([recordedState()]);
      expect(await other.lease.take()).toMatchObject({ taken: false });
    });

    it('is found out by a commit of nothing, and by a renewal', async () => {
      const url = await databases.server.emptyDatabase();
      const store = await databases.held(url);
      await commitEvents(store, eventOf('a'));
      await databases.server.run('DROP SCHEMA cutover_watch CASCADE', url);
      expect(await store.commit(batchOf())).toEqual({ replaced: true, position: 0 });
      await databases.server.run(
        'UPDATE cutover_watch.watcher SET token = NULL, store_id = gen_random_uuid()',
        url,
      );
      await store.lease.renew();
      expect(await store.commit(batchOf())).toEqual({ replaced: true, position: 0 });
      expect(await store.commit(batchOf())).toEqual({ replaced: false });
    });

    it.each([
      ['this watcher still held it', 'true'],
      ['nobody held it', 'token = NULL'],
      [
        'another one had held it',
        `token = gen_random_uuid(), epoch = 1, expires_at = now() - interval '1 hour'`,
      ],
    ])('by a backup, of when %s, is taken again and said to be another one', async (_name, change) => {
      const url = await databases.server.emptyDatabase();
      const store = await databases.held(url);
      await commitEvents(store, eventOf('a'));
      await commitEvents(store, eventOf('b'));
      const set = change === 'true' ? '' : `, ${change}`;
      await databases.server.run(
        `UPDATE cutover_watch.watcher SET revision = revision - 1, last_position = 1${set};
         DELETE FROM cutover_watch.event WHERE position > 1`,
        url,
      );
      const batch = batchOf({ events: [eventOf('c')] });
      expect(await store.commit(batch)).toEqual({ replaced: true, position: 1 });
      expect(await store.commit(batch)).toEqual({ replaced: false, positions: { first: 2, last: 2 } });
      await store.lease.renew();
      expect(idsOf(await store.latestEvents(9))).toEqual(['a', 'c']);
    });

    it('by a copy that lost the last states alone is said to be another one', async () => {
      const url = await databases.server.emptyDatabase();
      const store = await databases.held(url);
      await store.commit(batchOf({ states: [recordedState()] }));
      await databases.server.run('UPDATE cutover_watch.watcher SET revision = revision - 1', url);
      expect(await store.commit(batchOf({ states: [recordedState('NEW', keyOf(1))] }))).toEqual({
        replaced: true,
        position: 0,
      });
    });

    it('while another watcher holds the new one is left to it', async () => {
      const url = await databases.server.emptyDatabase();
      const store = await databases.held(url);
      await commitEvents(store, eventOf('a'));
      await databases.server.run('DROP SCHEMA cutover_watch CASCADE', url);
      const other = await databases.held(url);
      await expect(commitEvents(store, eventOf('b'))).rejects.toThrow(FencedError);
      expect(await other.latestEvents(9)).toEqual([]);
    });
  });

  it('that does not answer lets every call end in time, and works again', async () => {
    const { server } = databases;
    const proxy = await startProxy(server.port);
    onTestFinished(() => proxy.close());
    const url = proxy.through(await server.emptyDatabase());
    const store = await databases.held(url, 30_000, deadlineMs);
    await commitEvents(store, eventOf('a'));
    proxy.freeze();
    const began = performance.now();
    const faults = await Promise.all([
      faultOf(commitEvents(store, eventOf('b'))),
      faultOf(store.states([orders])),
      faultOf(store.outages()),
      faultOf(store.changesSince(0)),
    ]);
    expect(performance.now() - began).toBeLessThan(2 * deadlineMs);
    for (const { reason } of faults) expect(reason).toBe('unreachable');
    expect(faults[0]?.message).toBe(
      `${store.path}: the database cannot be used: it does not answer in time. Check that the server runs, and that this host reaches it.`,
    );
    // New connections do not get an answer either.
    await faultOf(store.lastPosition());
    await faultOf(commitEvents(store, eventOf('b')));
    proxy.heal();
    expect(await commitEvents(store, eventOf('b'))).toMatchObject([{ position: 2 }]);
    expect(idsOf(await store.latestEvents(9))).toEqual(['a', 'b']);
  });

  it('lets calls for the lease end within a third of it, and the end of the program wait for nothing', async () => {
    const { server } = databases;
    const proxy = await startProxy(server.port);
    onTestFinished(() => proxy.close());
    const store = await databases.held(proxy.through(await server.emptyDatabase()), 900);
    proxy.freeze();
    const began = performance.now();
    await Promise.all([faultOf(store.lease.renew()), faultOf(store.lease.look())]);
    expect(performance.now() - began).toBeLessThan(300);
    const waiting = faultOf(store.latestEvents(1));
    await store.close();
    await waiting;
    expect(performance.now() - began).toBeLessThan(1_500);
  });

  it('that ends the connections is connected to again', async () => {
    const { server } = databases;
    const url = await server.emptyDatabase();
    const store = await databases.held(url);
    await commitEvents(store, eventOf('a'));
    await server.run(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${new URL(url).pathname.slice(1)}'`,
    );
    // The next call of each kind may find its connection ended.
    await Promise.allSettled([store.lastPosition(), store.commit(batchOf())]);
    expect(await commitEvents(store, eventOf('b'))).toMatchObject([{ position: 2 }]);
    await store.lease.renew();
    expect(idsOf(await store.latestEvents(9))).toEqual(['a', 'b']);
  });

  it('that is read-only is refused for writing and can be read', async () => {
    const { server } = databases;
    const url = await server.newDatabase();
    await commitEvents(await databases.held(url), eventOf('a'));
    await server.run(
      `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET default_transaction_read_only = on`,
    );
    const replica = await databases.opened(url);
    expect(idsOf(await replica.latestEvents(9))).toEqual(['a']);
    const { message, reason } = await faultOf(replica.lease.take());
    expect(reason).toBe('read_only');
    expect(message).toBe(
      `${replica.path}: the database cannot be used: it is read-only: a replica, or set to be (25006). Let the URL lead to the primary server.`,
    );
  });

  describe('that cannot be opened', () => {
    it.each([
      [
        'with a wrong password',
        (url: URL) => void (url.password = 'wrong-one'),
        'refused',
        'it refuses the user or the password (28P01)',
      ],
      [
        'of another name',
        (url: URL) => void (url.pathname = '/nothing'),
        'refused',
        'there is no database of this name (3D000)',
      ],
      [
        'with TLS that it does not have',
        (url: URL) => void (url.search = '?sslmode=verify-full'),
        'refused',
        'its TLS connection cannot be used',
      ],
      [
        'on a host that does not exist',
        (url: URL) => void (url.hostname = 'db.invalid'),
        'unreachable',
        'it cannot be reached (E',
      ],
    ])('%s says why', async (_name, change, reason, why) => {
      const url = new URL(await databases.server.emptyDatabase());
      change(url);
      for (const open of [
        () => openSharedStore(url.href, 30_000),
        () => openDatabaseRecord(url.href),
        () => openDatabaseRequestBox(url.href),
      ]) {
        const error = await faultOf(open());
        expect(error.reason).toBe(reason);
        expect(error.message).toContain(`postgresql://${url.hostname}:${url.port}${url.pathname}: `);
        expect(error.message).toContain(why);
      }
    });

    it('says which right is missing', async () => {
      const { server } = databases;
      const url = await server.newDatabase();
      const name = new URL(url).pathname.slice(1);
      await server.run(`ALTER DATABASE ${name} OWNER TO postgres`);
      const error = await faultOf(openSharedStore(url, 30_000));
      expect(error).toMatchObject({ reason: 'refused' });
      expect(error.message).toContain('Grant it the right to create a schema in it.');
    });

    it('has another encoding', async () => {
      const { server } = databases;
      const url = new URL(await server.emptyDatabase());
      await server.run(`CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII'`);
      url.pathname = '/ascii';
      const error = await faultOf(openSharedStore(url.href, 30_000));
      expect(error.message).toContain('encoding of the database is SQL_ASCII');
    });

    it('as nothing listens there', async () => {
      const error = await faultOf(
        openSharedStore(`postgresql://u:p@127.0.0.1:${await freePort()}/x`, 30_000),
      );
      expect(error.message).toContain('it cannot be reached (ECONNREFUSED)');
    });

    it('as its URL is none says so, without the URL', async () => {
      const error = await faultOf(openSharedStore('postgresql://u:wrong-one@[::/x', 30_000));
      expect(error).toMatchObject({ reason: 'refused' });
    });
  });

  it('that is stopped and started again works as before', async () => {
    const { server } = databases;
    const url = await server.emptyDatabase();
    const store = await databases.held(url);
    await commitEvents(store, eventOf('a'));
    await server.stop();
    expect(await faultOf(commitEvents(store, eventOf('b')))).toMatchObject({ reason: 'unreachable' });
    expect(await faultOf(store.lastPosition())).toMatchObject({ reason: 'unreachable' });
    await server.start();
    expect(await commitEvents(store, eventOf('b'))).toMatchObject([{ position: 2 }]);
  });

  const pooled = hasPooler ? '' : ' (there is no pgbouncer)';
  it.skipIf(!hasPooler)(`works through a pooler that shares connections${pooled}`, async () => {
    const { server } = databases;
    const pooler = await startPooler(server.port);
    onTestFinished(() => pooler.close());
    const direct = await server.emptyDatabase();
    const url = pooler.through(direct);
    const [store, other] = [
      await databases.held(url, 30_000, 1_000),
      await databases.opened(url, 30_000, 1_000),
    ];
    await store.commit(batchOf({ states: [recordedState()], events: [eventOf('a')] }));
    await Promise.all([store.lease.renew(), store.maintain(0), commitEvents(store, eventOf('b'))]);
    expect(await other.lease.take()).toMatchObject({ taken: false });
    expect((await other.changesSince(0)).states).toEqual([recordedState()]);
    // A call that waits too long leaves nothing behind.
    const locker = new Client({ connectionString: direct });
    await locker.connect();
    await locker.query('BEGIN; LOCK TABLE cutover_watch.outage');
    await faultOf(commitEvents(store, eventOf('c')));
    await locker.end();
    expect(await commitEvents(store, eventOf('c'))).toMatchObject([{ position: 3 }]);
    await store.lease.release();
    expect(await other.lease.take()).toMatchObject({ taken: true, after: 'free' });
    await expect(store.commit(batchOf({ states: [recordedState('NEW', keyOf(1))] }))).rejects.toThrow(
      FencedError,
    );
    const wrong = new URL(url);
    wrong.password = 'wrong-one';
    expect(await faultOf(openSharedStore(wrong.href, 30_000))).toMatchObject({ reason: 'refused' });
  });
});
