import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { serve, watchedOrders } from './served.ts';
import { readStream } from './stream-reader.ts';

async function open(origin: string): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Asks so many times in one write, without waiting for an answer. */
async function askAtOnce(origin: string, path: string, times: number): Promise<Socket> {
  const socket = await open(origin);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(times));
  return socket;
}

function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.resume().once('close', () => resolve()));
}

/** Resolves with all that comes until the connection is closed. */
async function textOf(socket: Socket): Promise<string> {
  let text = '';
  for await (const part of socket.setEncoding('utf8')) text += part;
  return text;
}

test('three hundred connections that say nothing keep nobody out', async () => {
  const { server, ask } = await serve();
  const sockets = await Promise.all(Array.from({ length: 300 }, () => open(server.origin)));
  expect((await ask('/livez')).status).toBe(200);
  expect((await ask('/metrics')).status).toBe(200);
  await expect.poll(() => sockets.filter(({ closed }) => closed).length).toBeGreaterThanOrEqual(172);
});

test('a connection that is being answered is not the one to make room', async () => {
  const { server, ask } = await serve();
  const streaming = await open(server.origin);
  streaming.write('GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(streaming, 'data');
  await Promise.all(Array.from({ length: 150 }, () => open(server.origin)));
  expect((await ask('/livez')).status).toBe(200);
  expect(streaming.destroyed).toBe(false);
});

test('a request that does not come to its end is answered with 408 and closed', async () => {
  const { server, ask } = await serve();
  const socket = await open(server.origin);
  socket.write('GET /livez HTTP/1.1\r\nHost: local');
  const text = await textOf(socket);
  expect(text).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(text).toContain('x-content-type-options: nosniff');
  expect(JSON.parse(text.split('\r\n\r\n')[1] ?? '')).toEqual({
    error: 'The request was not complete in time.',
  });
  expect((await ask('/livez')).status).toBe(200);
});

test.each([
  ['headers without end', `GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(9_000)}\r\n\r\n`, 431],
  ['a path without end', `GET /${'x'.repeat(9_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
  ['what is no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 400],
  ['a request without a host', 'GET /livez HTTP/1.1\r\n\r\n', 400],
])('%s is refused', async (_, text, status) => {
  const { server } = await serve();
  const socket = await open(server.origin);
  socket.write(text);
  expect(await textOf(socket)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
});

test('a connection that asks again before it has been answered is closed, and costs one answer at most', async () => {
  let answers = 0;
  const { server, ask } = await serve({
    watched: () => {
      answers += 1;
      return [watchedOrders()];
    },
  });
  const socket = await askAtOnce(server.origin, '/api/migrations', 1_500);
  await closeOf(socket);
  expect(answers).toBeLessThanOrEqual(1);
  expect((await ask('/livez')).status).toBe(200);
});

test('a connection that asks again once it has been answered is kept', async () => {
  const { server } = await serve();
  const socket = await open(server.origin);
  for (let n = 0; n < 3; n += 1) {
    socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toContain('{"alive":true,');
  }
});

test('one connection has one stream', async () => {
  const { server } = await serve();
  const greedy = await askAtOnce(server.origin, '/api/stream', 40);
  await closeOf(greedy);
  const streams = await Promise.all(Array.from({ length: 32 }, () => readStream(server.origin)));
  expect(streams).toHaveLength(32);
});
