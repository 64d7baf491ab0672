import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { BODY, connectClient, listen } from './connect.ts';
import { startConnectProxy } from './connect-proxy.ts';

const retry = { attempts: 2, minDelayMs: 30_000, maxDelayMs: 30_000, maxRetryAfterMs: 1 };
const good = { ok: true, attempts: 1 };
const answer: RequestListener = (_, response) => void response.end(JSON.stringify(BODY));

/** A server that counts its connections, and treats the nth request on one of them in a way of its own. */
async function start(
  treat: (nth: number, ...rest: Parameters<RequestListener>) => void = (_, ...rest) => answer(...rest),
) {
  const requests = new Map<Socket, number>();
  const { baseUrl, server } = await listen((request, response) => {
    const nth = (requests.get(request.socket) ?? 0) + 1;
    requests.set(request.socket, nth);
    treat(nth, request, response);
  });
  return { baseUrl, server, connections: () => requests.size };
}

describe('a connection', () => {
  test('is shared by polls that are seconds apart', async () => {
    const { baseUrl, server, connections } = await start();
    server.keepAliveTimeout = 60_000;
    const client = connectClient(baseUrl);
    expect(await client.poll()).toMatchObject(good);
    // Longer than undici keeps a connection by itself (4 s, noticed within one more).
    await delay(6_000);
    expect(await client.poll()).toMatchObject(good);
    expect(connections()).toBe(1);
  }, 20_000);

  test('that the server closes when it is idle, without a word about it, fails no poll', async () => {
    const { baseUrl, server, connections } = await start((_, request, response) => {
      answer(request, response);
      setTimeout(() => request.socket.destroy(), 100);
    });
    server.keepAliveTimeout = 0;
    const client = connectClient(baseUrl, { retry });
    for (const pauseMs of [0, 50, 90, 95, 98, 99, 100, 101, 102, 105, 300]) {
      await delay(pauseMs);
      expect(await client.poll()).toMatchObject({ ok: true });
    }
    expect(connections()).toBeGreaterThan(1);
  });

  test('that is to end sooner, as the server says, is not used for longer', async () => {
    const { baseUrl, server, connections } = await start();
    server.keepAliveTimeout = 500;
    const client = connectClient(baseUrl);
    for (const pauseMs of [0, 600, 600]) {
      await delay(pauseMs);
      expect(await client.poll()).toMatchObject(good);
    }
    expect(connections()).toBe(3);
  });

  test.each([
    ['reset', (socket: Socket) => void socket.resetAndDestroy()],
    ['closed', (socket: Socket) => void socket.destroy()],
  ])(
    'that is %s as the second request arrives costs that poll nothing but a new connection',
    async (_, end) => {
      const { baseUrl, connections } = await start((nth, request, response) =>
        nth === 1 ? answer(request, response) : end(request.socket),
      );
      const client = connectClient(baseUrl, { retry });
      expect(await client.poll()).toMatchObject(good);
      // The backoff of 30 s would be longer than the poll may take.
      for (let poll = 2; poll <= 4; poll += 1) {
        expect(await client.poll()).toMatchObject({ ok: true, attempts: 2 });
        expect(connections()).toBe(poll);
      }
    },
  );

  test('that is reset behind a proxy costs that poll no more', async () => {
    const { baseUrl } = await start((nth, request, response) =>
      nth === 1 ? answer(request, response) : request.socket.resetAndDestroy(),
    );
    const proxy = await startConnectProxy(() => ({ to: Number(new URL(baseUrl).port) }));
    const settings = { httpProxy: proxy.url, httpsProxy: '', noProxy: '' };
    const client = connectClient('http://atlas.invalid:8080', { retry, proxy: settings });
    expect(await client.poll()).toMatchObject(good);
    expect(await client.poll()).toMatchObject({ ok: true, attempts: 2 });
    expect(proxy.tunnels).toHaveLength(2);
  });

  test('that is reset as its first request arrives, or within a reply, fails the attempt', async () => {
    const fresh = await start((_, { socket }) => void socket.resetAndDestroy());
    const torn = await start((nth, request, response) => {
      if (nth === 1) return answer(request, response);
      response.writeHead(200, { 'content-length': 100 });
      response.write('{', () => request.socket.resetAndDestroy());
    });
    const failed = { ok: false, attempts: 1, error: { kind: 'network', connectionGone: false } };
    expect(await connectClient(fresh.baseUrl, { retry }).poll()).toMatchObject(failed);
    const client = connectClient(torn.baseUrl, { retry });
    expect(await client.poll()).toMatchObject(good);
    expect(await client.poll()).toMatchObject(failed);
  });
});
