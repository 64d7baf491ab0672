import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { serve } from './served.ts';

async function open(origin: string): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
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
