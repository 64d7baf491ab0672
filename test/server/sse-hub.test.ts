import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { keyOf } from '../../src/atlas/migration-resource.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { commitEvents } from '../state/sample-change.ts';
import { orders, targetOf } from '../watch/sample-migrations.ts';
import { ask, copied, serve, storeFirstPoll, watchedOrders } from './served.ts';
import { live, readStream } from './stream-reader.ts';

const idOf = (number: number) => String(number).padStart(32, '0');
const event = (number: number) => sampleEvent('migration.first_seen', { eventId: idOf(number) });

test('a client gets what changes from the opening on, and no list', async () => {
  let lagTimeSeconds = 300;
  const { server, streams } = await serve({
    snapshots: () => [
      watchedOrders({
        state: { ...copied, observation: { lagTimeSeconds, observedAt: 0 } },
      }),
      watchedOrders({ target: targetOf(1) }),
    ],
  });
  const reader = await readStream(server.origin);
  expect(reader.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  await live(reader);
  lagTimeSeconds = 200;
  streams.markChanged(keyOf(orders));
  const changed = await reader.until(({ type }) => type === 'migration');
  expect(changed).toMatchObject({ id: undefined, data: { migration: 'orders', lagTimeSeconds: 200 } });
  expect(changed.data).toEqual((await ask(server.origin, '/api/migrations/orders')).json());
  expect(reader.messages.map(({ type }) => type)).toEqual(['watcher', 'migration']);
});

test('what changes while a client catches up is sent after it', async () => {
  const { server, streams, store } = await serve();
  await commitEvents(store, ...Array.from({ length: 150 }, (_, n) => event(n)));
  const opened = readStream(server.origin, { 'last-event-id': idOf(0) });
  const reader = await opened;
  streams.markChanged(keyOf(orders));
  await reader.until(({ type }) => type === 'migration');
  expect(reader.messages.filter(({ type }) => type === 'message')).toHaveLength(149);
});

test('a recorded event carries its id, to resume after it; any other carries none', async () => {
  const { server, streams } = await serve();
  const reader = await readStream(server.origin);
  await live(reader);
  streams.broadcast([{ record: event(1), resumable: true }]);
  streams.broadcast([{ record: sampleEvent('watcher.heartbeat'), resumable: false }]);
  await reader.until(({ data }) => data.event === 'watcher.heartbeat');
  expect(reader.messages.slice(-2)).toMatchObject([
    { type: 'message', id: idOf(1), data: { event: 'migration.first_seen' } },
    { type: 'message', id: undefined },
  ]);
});

test.each(['Last-Event-ID', 'after'])(
  'a client that gives %s gets everything recorded since',
  async (how) => {
    const { server, streams, store } = await serve();
    const records = Array.from({ length: 1_000 }, (_, n) => event(n));
    await commitEvents(store, ...records);
    const id = idOf(10);
    const reader = await (how === 'after'
      ? readStream(server.origin, {}, `?after=${id}`)
      : readStream(server.origin, { 'last-event-id': id }));
    await reader.until(({ data }) => data.eventId === idOf(999));
    streams.broadcast([{ record: event(1_000), resumable: true }]);
    await reader.until(({ data }) => data.eventId === idOf(1_000));
    const ids = reader.messages.filter(({ type }) => type === 'message').map(({ id: each }) => each);
    expect(ids).toEqual(Array.from({ length: 990 }, (_, n) => idOf(n + 11)));
  },
);

test('where events were missed, every stream ends, and what a client lacks comes when it connects again', async () => {
  const { server, streams, store } = await serve();
  const reader = await readStream(server.origin);
  await live(reader);
  await commitEvents(store, event(1), event(2));
  streams.broadcast([{ record: event(1), resumable: true }]);
  streams.restart();
  await reader.ended;
  expect(reader.messages.at(-1)).toMatchObject({ id: idOf(1) });
  const again = await readStream(server.origin, { 'last-event-id': idOf(1) });
  await again.until(({ data }) => data.eventId === idOf(2));
});

test('a client that gives an empty id resumes nothing, like one that gives none', async () => {
  const { server, store } = await serve();
  await storeFirstPoll(store);
  for (const [headers, query] of [
    [{ 'last-event-id': '' }, ''],
    [{}, '?after='],
  ] as const) {
    const reader = await readStream(server.origin, headers, query);
    await live(reader);
    expect(reader.messages.map(({ type }) => type)).toEqual(['watcher']);
  }
});

test('a client whose id is not recorded gets a reset', async () => {
  const { server } = await serve();
  const reader = await readStream(server.origin, { 'last-event-id': 'f'.repeat(32) });
  await live(reader);
  expect(reader.messages[0]).toMatchObject({
    type: 'reset',
    data: { error: expect.stringMatching(/Load everything again\.$/) },
  });
});

test('a reload sends every migration under its current name', async () => {
  let name = 'orders';
  const { server, streams } = await serve({
    snapshots: () => [watchedOrders({ target: { ...orders, name } })],
  });
  const reader = await readStream(server.origin);
  await live(reader);
  name = 'sales';
  streams.markAll();
  await reader.until(({ data }) => data.migration === 'sales');
});

test('a client that does not read is disconnected, and resumes where it was', async () => {
  const { server, streams, store } = await serve();
  const { hostname, port } = new URL(server.origin);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  socket.write('GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'data');
  socket.pause();
  const reader = await readStream(server.origin);
  let sent = 0;
  const full = 'x'.repeat(4_000);
  // Far more than what the kernel holds for it.
  for (; sent < 5_000; sent += 1) {
    const id = idOf(sent);
    const record = { ...event(sent), msg: full };
    if (sent % 1_000 === 0) await commitEvents(store, record);
    streams.broadcast([{ record, resumable: true }]);
    if (sent % 50 === 0) await reader.until(({ data }) => data.eventId === id);
  }
  // It ends only because the server has ended it.
  let bytes = 0;
  for await (const part of socket.resume()) bytes += (part as Buffer).length;
  expect(bytes).toBeLessThan(5_000 * 4_000);

  const back = await readStream(server.origin, { 'last-event-id': idOf(2_000) });
  await back.until(({ data }) => data.eventId === idOf(4_000));
});

test('a slow client gets the current view of a migration, not the former ones', async () => {
  const targets = Array.from({ length: 2_000 }, (_, n) => targetOf(n));
  const { server, streams } = await serve({
    snapshots: () => targets.map((target) => watchedOrders({ target })),
  });
  const { hostname, port } = new URL(server.origin);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  socket.write('GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'data');
  socket.pause();
  for (let round = 0; round < 100; round += 1) {
    for (const target of targets) streams.markChanged(keyOf(target));
    await new Promise((resolve) => setImmediate(resolve));
  }
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  socket.resume();
  await expect.poll(() => targets.every(({ name }) => text.includes(`"${name}"`))).toBe(true);
  // It was never cut off, and nowhere near a hundred rounds were kept for it.
  expect(socket.destroyed).toBe(false);
  expect(text.split('event: migration').length).toBeLessThan(targets.length * 50);
});

test('a defect of the program ends one stream, and nothing else', async () => {
  let broken = true;
  const { server, streams } = await serve({
    snapshots: () => {
      if (broken) throw new TypeError('no such field');
      return [watchedOrders()];
    },
  });
  // The connection may break before or after the headers.
  await readStream(server.origin).then(
    ({ ended }) => ended,
    () => {},
  );
  broken = false;
  const reader = await readStream(server.origin);
  await live(reader);
  broken = true;
  streams.markChanged(keyOf(orders));
  await reader.ended;
  expect((await ask(server.origin, '/livez')).status).toBe(200);
});

test('a 33rd stream is refused with a sentence and the time to wait, and no other one ends', async () => {
  const { server, streams, ask: asked } = await serve();
  const readers = await Promise.all(Array.from({ length: 32 }, () => readStream(server.origin)));
  for (const method of ['GET', 'HEAD'])
    expect(await asked('/api/stream', { method })).toMatchObject({
      status: 503,
      headers: { 'content-type': 'application/json; charset=utf-8', 'retry-after': '60' },
    });
  expect((await asked('/api/stream')).json()).toEqual({
    error:
      'All 32 live connections are in use. Ask /api/migrations every 10 s instead, and try again in a minute.',
  });
  expect((await asked('/api/migrations')).status).toBe(200);
  streams.broadcast([{ record: event(1), resumable: true }]);
  for (const reader of readers) await reader.until(({ data }) => data.event === 'migration.first_seen');
  readers[7]?.close();
  await expect.poll(async () => (await asked('/api/stream', { method: 'HEAD' })).status).toBe(200);
  await live(await readStream(server.origin));
});

test('health answers between the pages of clients that catch up', async () => {
  const { server, store } = await serve();
  await commitEvents(store, ...Array.from({ length: 6_000 }, (_, index) => event(index + 1)));
  const reader = await readStream(server.origin, { 'last-event-id': idOf(1) });
  expect((await ask(server.origin, '/livez')).status).toBe(200);
  expect(reader.messages.length).toBeLessThan(5_999);
  await reader.until(({ id }) => id === idOf(6_000));
});

test('strangers learn no path and nothing of the configuration from the stream', async () => {
  const { server, streams, store } = await serve();
  const secretive = [
    sampleEvent('watcher.config_rejected', {
      problems: ['/etc/watch.yaml: log.level is "x".'],
      eventId: idOf(7),
    }),
    sampleEvent('watcher.config_reloaded', { warnings: ['/etc/watch.yaml: unwise.'], eventId: idOf(8) }),
    sampleEvent('watcher.state_unavailable', {
      path: '/var/state.db',
      remedy: 'Free /var.',
      eventId: idOf(9),
    }),
  ];
  await commitEvents(store, ...secretive);
  const reader = await readStream(server.origin);
  await live(reader);
  streams.broadcast(secretive.map((record) => ({ record, resumable: false })));
  await reader.until(({ data }) => data.event === 'watcher.state_unavailable');
  const { body } = await ask(server.origin, '/api/events');
  expect(JSON.stringify(reader.messages)).not.toMatch(/\/(?:etc|var)\b/);
  expect(body).not.toMatch(/\/(?:etc|var)\b/);
  expect(body).toContain('The log says why.');
});

test('closing the server ends every stream, and does not wait for a client that does not read', async () => {
  const { server, streams } = await serve();
  const reader = await readStream(server.origin);
  const { hostname, port } = new URL(server.origin);
  const stuck = connect(Number(port), hostname);
  stuck.on('error', () => {});
  stuck.write('GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(stuck, 'data');
  stuck.pause();
  const last = sampleEvent('watcher.stopped');
  streams.broadcast([{ record: last, resumable: false }]);
  const asked = performance.now();
  await server.close(200);
  expect(performance.now() - asked).toBeLessThan(2_000);
  await reader.ended;
  expect(reader.messages.at(-1)?.data).toMatchObject({ event: 'watcher.stopped' });
});
