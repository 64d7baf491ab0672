import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startHttpServer } from '../../src/server/http-server.ts';
import { ask as askAt, serve } from './served.ts';
import { readStream } from './stream-reader.ts';

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

test('more than 128 connections are refused, and there is room again once those close', async () => {
  const { server, ask } = await serve();
  const sockets = await Promise.all(Array.from({ length: 200 }, () => open(server.origin)));
  await expect.poll(() => sockets.filter(({ closed }) => closed).length).toBe(72);
  await expect(ask('/livez')).rejects.toThrow(/ECONNRESET|socket hang up/);
  for (const socket of sockets) socket.destroy();
  await expect.poll(async () => (await ask('/livez').catch(() => undefined))?.status).toBe(200);
});

test('connections that send nothing are closed, so that they do not keep a probe out for long', async () => {
  const { server, ask } = await serve();
  const sockets = await Promise.all(Array.from({ length: 128 }, () => open(server.origin)));
  for (const socket of sockets) socket.resume();
  const answered = async () => (await ask('/livez').catch(() => undefined))?.status;
  await expect.poll(answered, { timeout: 9_000, interval: 250 }).toBe(200);
}, 15_000);

test('health answers while all streams are in use', async () => {
  const { server, ask } = await serve();
  await Promise.all(Array.from({ length: 32 }, () => readStream(server.origin)));
  expect((await ask('/livez')).status).toBe(200);
});

test('an incomplete request is answered with 408 and closed', async () => {
  const { server, ask } = await serve();
  const socket = await open(server.origin);
  socket.write('GET /livez HTTP/1.1\r\nHost: local');
  expect(await textOf(socket)).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect((await ask('/livez')).status).toBe(200);
});

test.each([
  ['headers without end', `GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(9_000)}\r\n\r\n`, 431],
  ['a path without end', `GET /${'x'.repeat(9_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
  ['what is no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 400],
  ['a request for two hosts', 'GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n', 400],
  ['a request without a host', 'GET /livez HTTP/1.1\r\n\r\n', 400],
])('%s is refused', async (_, text, status) => {
  const { server } = await serve();
  const socket = await open(server.origin);
  socket.write(text);
  expect(await textOf(socket)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
});

test('a connection is kept for the next request', async () => {
  const { server } = await serve();
  const socket = await open(server.origin);
  for (let n = 0; n < 3; n += 1) {
    socket.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toContain('{"alive":true}');
  }
});

test('pipelined requests for streams take one place, and only while the connection is open', async () => {
  const { server } = await serve();
  const socket = await open(server.origin);
  socket.write('GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(40));
  await once(socket, 'data');
  const readers = Array.from({ length: 31 }, () => readStream(server.origin));
  expect(await Promise.all(readers)).toHaveLength(31);
  await expect(readStream(server.origin)).rejects.toThrow('503');
  socket.destroy();
  const again = async () => readStream(server.origin).catch(() => undefined);
  await expect.poll(again).toBeDefined();
});

test('a connection that cannot be accepted is reported, and the server continues', async () => {
  const warnings: string[] = [];
  const { ask } = await serve({ warn: (sentence) => warnings.push(sentence) });
  const started = 'http.server.request.start';
  let server: Server | undefined;
  const onStart = (message: unknown) => {
    ({ server } = message as { server: Server });
  };
  subscribe(started, onStart);
  onTestFinished(() => void unsubscribe(started, onStart));
  await ask('/livez');
  server?.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
  expect(warnings).toEqual([
    'The HTTP server could not accept a connection (EMFILE). Watching continues. If this repeats, check the limits of the machine, such as open files.',
  ]);
  expect((await ask('/livez')).status).toBe(200);
});

test('localhost is served on 127.0.0.1, where scrapers and probes ask', async () => {
  const { context, streams } = await serve();
  const server = await startHttpServer('localhost:0', context, streams);
  onTestFinished(() => server.close(0));
  const { port } = new URL(server.origin);
  expect((await askAt(`http://127.0.0.1:${port}`, '/livez')).status).toBe(200);
});
