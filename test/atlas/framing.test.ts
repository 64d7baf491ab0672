import { createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { connectClient, listenOn } from './connect.ts';

const GOOD = '{"status":"WORKING"}';
const REPLY = `HTTP/1.1 200 OK\r\nContent-Length: ${GOOD.length}\r\n\r\n${GOOD}`;
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

/** A client of a server that sends the same parts after each request, each in its own packet. */
async function startSending(parts: readonly string[], { closes = false } = {}) {
  let connections = 0;
  const send = async (socket: Socket): Promise<void> => {
    for (const part of parts) {
      socket.write(part, 'latin1');
      await delay(5);
    }
    if (closes) socket.end();
  };
  const port = await listenOn(
    createServer({ noDelay: true }, (socket) => {
      connections += 1;
      socket.on('error', () => {});
      socket.on('data', () => void send(socket));
    }),
  );
  const client = connectClient(`http://127.0.0.1:${port}`, { requestTimeoutMs: 5000 });
  return { client, connections: () => connections };
}

test.each([
  ['once', [CONTINUE + REPLY]],
  ['by HTTP/1.1 with a header', [`HTTP/1.1 100 Continue\r\nServer: x\r\n\r\n${REPLY}`]],
  ['twice', [CONTINUE + CONTINUE, REPLY]],
  ['in pieces', ['HT', 'TP/1.1 10', '0 Continue\r\n', `\r\n${REPLY.slice(0, 5)}`, REPLY.slice(5)]],
  ['never, and the reply comes in pieces', [REPLY.slice(0, 3), REPLY.slice(3, 14), REPLY.slice(14)]],
  ['before Early Hints', [CONTINUE, `HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${REPLY}`]],
])('a server may say 100 Continue %s', async (_, parts) => {
  const { client, connections } = await startSending(parts);
  for (let poll = 0; poll < 3; poll += 1)
    expect(await client.poll()).toMatchObject({ ok: true, reading: { status: 'WORKING' } });
  expect(connections()).toBe(1);
});

const notHttp = { kind: 'bad_reply', detail: 'The request failed: the reply is not HTTP (HTTPParserError).' };
const cutOff = { kind: 'network', detail: expect.stringContaining('before the reply was complete') };
const otherLength = { kind: 'network', detail: expect.stringContaining('does not match its Content-Length') };

test.each([
  ['a NUL in a header', 'HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n', notHttp],
  ['an escape character in a header', 'HTTP/1.1 200 OK\r\nX: a\u001Bb\r\n\r\n', notHttp],
  ['a folded header', 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n', notHttp],
  [
    'a length with chunks',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n0\r\n\r\n',
    notHttp,
  ],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n123456789', otherLength],
  [
    'an upgrade that nobody asked for',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
    { kind: 'bad_reply', detail: expect.stringContaining('bytes that do not belong to a reply') },
  ],
  [
    'headers of 20 KiB',
    `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_480)}\r\n\r\n`,
    { kind: 'bad_reply', detail: expect.stringContaining('larger than 16 KiB') },
  ],
  ['nothing but 100 Continue', CONTINUE, cutOff],
  ['half of a 100 Continue', CONTINUE.slice(0, 15), cutOff],
])('a reply with %s says what is wrong with it', async (_, reply, error) => {
  const { client } = await startSending([reply], { closes: true });
  expect(await client.poll()).toMatchObject({ ok: false, error });
});

test.each([
  [
    'chunks',
    'HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n{"status"',
    cutOff,
  ],
  [
    'a known length',
    'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 20\r\n\r\n{"status"',
    otherLength,
  ],
])(
  'a reply in %s that ends with its connection too early is a fault of the network',
  async (_, reply, error) => {
    const { client } = await startSending([reply], { closes: true });
    expect(await client.poll()).toMatchObject({ ok: false, error });
  },
);
