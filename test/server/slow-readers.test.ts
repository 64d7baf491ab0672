import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { SlowReaders } from '../../src/server/slow-readers.ts';

/** More than what the kernel keeps for a reader that does not read. */
const large = 8 * 1024 * 1024;

/** A server that answers everybody at length, and what became of its answers. */
async function startTalkative(limits: { readonly bytes: number; readonly ms: number }) {
  const unread = new SlowReaders(limits);
  const answers: ServerResponse[] = [];
  const server = createServer((_, response) => {
    answers.push(response);
    response.end(Buffer.alloc(large));
    unread.add(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { answers, port: address.port };
}

/** Asks, and reads nothing until it is told to. */
async function ask(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').pause();
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  await once(socket, 'connect');
  return socket;
}

test('the longest unread answers make room for one more', async () => {
  const { answers, port } = await startTalkative({ bytes: 2.5 * large, ms: 60_000 });
  for (let n = 1; n <= 4; n += 1) {
    await ask(port);
    await expect.poll(() => answers.length).toBe(n);
  }
  await expect.poll(() => answers.map(({ destroyed }) => destroyed)).toEqual([true, true, false, false]);
});

test('one answer alone may be longer than what all may leave unread', async () => {
  const { answers, port } = await startTalkative({ bytes: 1, ms: 60_000 });
  const socket = await ask(port);
  let read = 0;
  socket.on('data', (part: Buffer) => {
    read += part.length;
  });
  socket.resume();
  await once(socket, 'close');
  expect(read).toBeGreaterThan(large);
  expect(answers).toHaveLength(1);
});

test('an answer that is not read in its time is given up', async () => {
  const { answers, port } = await startTalkative({ bytes: 2 * large, ms: 100 });
  await ask(port);
  await expect.poll(() => answers[0]?.destroyed).toBe(true);
});
