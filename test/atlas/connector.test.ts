import { createServer } from 'node:http';
import { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { alternate, createConnector, firstConnected } from '../../src/atlas/connector.ts';
import { listenOn, never } from './connect.ts';

const REFUSED = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });

/** Sockets that connect to nothing, in the order in which they were started. */
function pretend(count: number) {
  const started: Socket[] = [];
  const attempts = Array.from({ length: count }, () => () => {
    const socket = new Socket();
    started.push(socket);
    return socket;
  });
  return { started, attempts };
}

describe('the attempts to connect', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('follow each other after 250 ms, and none is dropped: a slow one still connects', async () => {
    const { started, attempts } = pretend(3);
    const connected = firstConnected(attempts, never);
    expect(started).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(249);
    expect(started).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(started).toHaveLength(2);
    // Leads nowhere, as IPv6 often does.
    started[1]?.destroy(REFUSED);
    await vi.advanceTimersByTimeAsync(9_000);
    started[0]?.emit('connect');
    expect(await connected).toBe(started[0]);
    expect(started.map(({ destroyed }) => destroyed)).toEqual([false, true, true]);
  });

  test('follow each other at once when one fails', async () => {
    const { started, attempts } = pretend(2);
    const connected = firstConnected(attempts, never);
    started[0]?.destroy(REFUSED);
    await vi.advanceTimersByTimeAsync(0);
    started[1]?.emit('connect');
    expect(await connected).toBe(started[1]);
  });

  test('end with the first connection, and no other is started', async () => {
    const { started, attempts } = pretend(3);
    const connected = firstConnected(attempts, never);
    started[0]?.emit('connect');
    const socket = await connected;
    // A later fault belongs to whoever uses the socket.
    socket.destroy(REFUSED);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(started).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('fail with the fault of every address, or of the only one', async () => {
    const one = pretend(1);
    const alone = firstConnected(one.attempts, never);
    one.started[0]?.destroy(REFUSED);
    await expect(alone).rejects.toBe(REFUSED);

    const two = pretend(2);
    const both = firstConnected(two.attempts, never);
    both.catch(() => {});
    two.started[0]?.destroy(REFUSED);
    await vi.advanceTimersByTimeAsync(0);
    two.started[1]?.destroy(REFUSED);
    await expect(both).rejects.toMatchObject({ errors: [REFUSED, REFUSED] });
  });

  test('end with their signal, and leave no socket and no timer', async () => {
    const { started, attempts } = pretend(3);
    const controller = new AbortController();
    const connected = firstConnected(attempts, controller.signal);
    connected.catch(() => {});
    await vi.advanceTimersByTimeAsync(300);
    const reason = new Error('stopped');
    controller.abort(reason);
    await expect(connected).rejects.toBe(reason);
    expect(started.map(({ destroyed }) => destroyed)).toEqual([true, true]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

test.each([
  ['4446', '4644'],
  ['6644', '6464'],
  ['4', '4'],
  ['', ''],
])('addresses of families %j are tried as %j, each family in its order', (given, tried) => {
  const addresses = Array.from(given, (family, index) => ({ family: Number(family), address: `${index}` }));
  const turns = alternate(addresses);
  expect(turns.map(({ family }) => family).join('')).toBe(tried);
  expect(turns.toSorted((a, b) => Number(a.address) - Number(b.address))).toEqual(addresses);
  for (const family of [4, 6]) {
    const order = turns.filter((each) => each.family === family).map(({ address }) => Number(address));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  }
});

function open(connect: buildConnector.connector, port: number): Promise<Socket | Error> {
  const { promise, resolve } = Promise.withResolvers<Socket | Error>();
  connect({ hostname: 'atlas.invalid', protocol: 'http:', port: `${port}` }, (error, socket) =>
    resolve(error ?? socket),
  );
  return promise;
}

describe('a connector', () => {
  test('reaches a host at its last address when the others refuse', async () => {
    const port = await listenOn(createServer());
    const connector = createConnector({
      timeoutMs: 5_000,
      resolve: async () => [2, 3, 1].map((last) => ({ address: `127.0.0.${last}`, family: 4 })),
    });
    onTestFinished(() => connector.close());
    expect(await open(connector.connect, port)).toMatchObject({ remoteAddress: '127.0.0.1' });
  });

  test('limits the lookup of a name too', async () => {
    const connector = createConnector({ timeoutMs: 50, resolve: () => new Promise(() => {}) });
    expect(await open(connector.connect, 1)).toMatchObject({ name: 'TimeoutError' });
  });

  test('that is closed gives up what it was about to open', async () => {
    const connector = createConnector({ timeoutMs: 5_000, resolve: () => new Promise(() => {}) });
    const opened = open(connector.connect, 1);
    connector.close();
    expect(await opened).toBeInstanceOf(Error);
  });
});
