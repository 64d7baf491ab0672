import { expect, it, onTestFinished } from 'vitest';
import type { OperatorRequest } from '../../../src/state/operator-word.ts';
import { openDatabaseRequestBox } from '../../../src/state/postgres/request-box.ts';
import { sampleEvent } from '../../events/sample-events.ts';
import { describeWithPostgres } from '../../postgres/databases.ts';
import { batchOf, orders, recordedState, start } from '../sample-change.ts';

function requestOf(id: string): OperatorRequest {
  return { id, migration: 'orders', ...orders, requestedAt: start, command: 'ack' };
}

async function boxOf(url: string) {
  const box = await openDatabaseRequestBox(url);
  onTestFinished(() => box.close());
  return box;
}

describeWithPostgres('a request left in a database', (databases) => {
  it('is read in order, and removed with its event, which is the answer', async () => {
    const url = await databases.server.newDatabase();
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
    const url = await databases.server.newDatabase();
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
