import { describe, expect, it, onTestFinished } from 'vitest';
import type { EventRecord } from '../../../src/events/event-record.ts';
import type { OperatorRequest } from '../../../src/state/operator-word.ts';
import { openDatabaseRecord } from '../../../src/state/postgres/record.ts';
import { openDatabaseRequestBox } from '../../../src/state/postgres/request-box.ts';
import { sampleEvent } from '../../events/sample-events.ts';
import { describeWithPostgres } from '../../postgres/databases.ts';
import {
  batchOf,
  commitEvents,
  day,
  eventOf,
  hour,
  idsOf,
  keyOf,
  minute,
  orders,
  recordedState,
  scopeEvent,
  start,
} from '../sample-change.ts';

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const idsIn = async (events: AsyncIterable<EventRecord>): Promise<string[]> => idsOf(await all(events));

function requestOf(id: string): OperatorRequest {
  return { id, migration: 'orders', ...orders, requestedAt: start, command: 'ack' };
}

async function boxOf(url: string) {
  const box = await openDatabaseRequestBox(url);
  onTestFinished(() => box.close());
  return box;
}

describeWithPostgres('the record in a database', (databases) => {
  /** Resolves to a store that holds the lease, and to its record. */
  async function opened() {
    const url = await databases.server.emptyDatabase();
    const store = await databases.held(url);
    const record = await openDatabaseRecord(url);
    onTestFinished(() => record.close());
    return { store, record };
  }

  it('is missing before a watcher has written there', async () => {
    const url = await databases.server.emptyDatabase();
    await expect(openDatabaseRecord(url)).rejects.toMatchObject({ reason: 'missing' });
    await expect(openDatabaseRecord(url)).rejects.toThrow(
      /: no watcher has written to this database yet\. Start cutover-watch run first/,
    );
  });

  it('has the events of all, or of one migration under every name with its scopes, in order', async () => {
    const { store, record } = await opened();
    const called = { ...eventOf('renamed'), migration: 'bestellungen' };
    await commitEvents(
      store,
      eventOf('own'),
      called,
      eventOf('of another', keyOf(1)),
      scopeEvent('project', orders.groupId),
      scopeEvent('another project', 'f'.repeat(24)),
      scopeEvent('account'),
    );
    expect(await idsIn(record.events())).toHaveLength(6);
    expect(await idsIn(record.events(orders))).toEqual(['own', 'renamed', 'project', 'account']);
    expect(await idsIn(record.events(keyOf(9, 'e'.repeat(24))))).toEqual(['account']);
    expect(idsOf(await record.latestEvents())).toEqual(['renamed', 'of another']);
    expect(await record.calledBefore('bestellungen')).toEqual([orders]);
    expect(await record.calledBefore('x')).toEqual([]);
  });

  it('has all of a long log, page by page', async () => {
    const { store, record } = await opened();
    const events = Array.from({ length: 2_500 }, (_, n) => eventOf(`e${n}`, keyOf(n % 2)));
    await store.commit(batchOf({ events, cursors: [{ sink: 'stdout', position: 1_300 }] }));
    expect(await idsIn(record.events())).toEqual(idsOf(events));
    expect(await idsIn(record.events(keyOf(1)))).toHaveLength(1_250);
    const [cursor] = await all(record.cursors());
    expect(cursor).toMatchObject({ sink: 'stdout', position: 1_300 });
    expect(await idsIn(cursor?.undelivered ?? record.events())).toEqual(idsOf(events.slice(1_300)));
  });

  it('has the migrations with their samples, older ones for ten minutes each', async () => {
    const { store, record } = await opened();
    const now = start + 2 * day;
    const samples = [0, 1, 2].flatMap((n) =>
      [start, now - hour].map((begin) => ({ ...orders, observedAt: begin + n * minute, lagTimeSeconds: n })),
    );
    const states = [recordedState(), recordedState('NEW', keyOf(1))];
    await store.commit(batchOf({ states, samples }));
    expect(await record.migrations()).toEqual([orders, keyOf(1)]);
    const latest = [0, 1, 2].map((n) => ({ observedAt: now - hour + n * minute, lagTimeSeconds: n }));
    expect(await record.migration(orders, now)).toEqual({
      ...recordedState(),
      samples: [{ observedAt: start + 2 * minute, lagTimeSeconds: 2, lowest: 0, highest: 2 }, ...latest],
    });
    expect(await record.migration(keyOf(2), now)).toBeUndefined();
    expect(await all(record.stored([keyOf(2), keyOf(1), orders], now - day))).toEqual([
      { ...recordedState('NEW', keyOf(1)), samples: [] },
      { ...recordedState(), samples: latest },
    ]);
  });

  describe('a request left there', () => {
    it('is read in order, and removed with its event, which is the answer', async () => {
      const url = await databases.server.emptyDatabase();
      const store = await databases.held(url);
      await store.commit(batchOf({ states: [recordedState()] }));
      const box = await boxOf(url);
      expect(box.isWatched).toBe(true);
      expect(await box.state(orders)).toEqual(recordedState().state);
      for (const id of ['two', 'one', 'two']) await box.leave(requestOf(id));
      expect(await store.requests()).toEqual(['two', 'one'].map((id) => ({ id, request: requestOf(id) })));
      expect(await box.answer('one')).toBe('waiting');
      const event = sampleEvent('migration.acknowledged', { requestId: 'one' });
      await store.commit(batchOf({ events: [event], requests: ['one'] }));
      expect(await box.answer('one')).toMatchObject({ event: 'migration.acknowledged', requestId: 'one' });
      expect(await box.answer('three')).toBeUndefined();
      expect((await store.requests()).map(({ id }) => id)).toEqual(['two']);
    });

    it('waits for the next watcher where none holds the lease, and what is no request is read as none', async () => {
      const url = await databases.server.emptyDatabase();
      const store = await databases.opened(url);
      const box = await boxOf(url);
      expect(box.isWatched).toBe(false);
      await box.leave(requestOf('one'));
      await databases.server.run(
        `INSERT INTO cutover_watch.request (id, request) VALUES ('text', 'rubbish')`,
        url,
      );
      expect((await store.requests()).map(({ id, request }) => [id, request?.command])).toEqual([
        ['one', 'ack'],
        ['text', undefined],
      ]);
    });
  });
});
