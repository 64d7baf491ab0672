import { expect, test } from 'vitest';
import { sampleEvent } from '../events/sample-events.ts';
import { commitEvents } from '../state/sample-change.ts';
import { targetOf } from '../watch/sample-migrations.ts';
import { serve, watchedOrders } from './served.ts';

test('an unknown name among as many as one process can watch costs no time', async () => {
  const { ask } = await serve({
    snapshots: () =>
      Array.from({ length: 10_000 }, (_, index) =>
        watchedOrders({ target: { ...targetOf(index), name: `${'q'.repeat(90)}${index}` } }),
      ),
  });
  const begun = process.threadCpuUsage();
  for (const length of [95, 2_000]) {
    expect((await ask(`/api/migrations/${'q'.repeat(length)}`)).status).toBe(404);
  }
  expect(process.threadCpuUsage(begun).user).toBeLessThan(250_000);
});

test('health does not wait for the requests before it', async () => {
  const { ask, store } = await serve();
  const events = Array.from({ length: 500 }, (_, index) =>
    sampleEvent('migration.first_seen', { eventId: String(index).padStart(32, '0') }),
  );
  await commitEvents(store, ...events);
  let answered = 0;
  const others = Array.from({ length: 100 }, async () => {
    expect((await ask('/api/events?limit=500')).status).toBe(200);
    answered += 1;
  });
  expect((await ask('/livez')).status).toBe(200);
  expect(answered).toBeLessThan(50);
  await Promise.all(others);
});
