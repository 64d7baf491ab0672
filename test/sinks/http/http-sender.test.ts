import type { ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createNetServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { listenOn, never } from '../../atlas/connect.ts';
import { startConnectProxy } from '../../atlas/connect-proxy.ts';
import { selfSigned } from '../../atlas/self-signed.ts';
import { sampledAt, sampleEvent } from '../../events/sample-events.ts';
import { openSender, routingKey, sinkSettings, startReceiver, whsec } from '../receivers.ts';

const record = sampleEvent('migration.ready_for_cutover');
const known = { now: sampledAt };
const path = '/services/T0001/B0001/abcdefghijklmnopqrstuvwx';

/** Sends one event to a receiver that answers in this way. */
async function sendTo(answer: (response: ServerResponse, nth: number) => void, timeout = 5_000) {
  const { baseUrl, received } = await startReceiver(answer);
  const sender = openSender(sinkSettings('slack', { url: `${baseUrl}${path}`, timeout }));
  return { outcome: await sender.send(record, known, never), received };
}

test('a redirect is not followed', async () => {
  const { outcome, received } = await sendTo((response) =>
    response.writeHead(301, { location: '/elsewhere' }).end(),
  );
  expect(outcome).toEqual({
    result: 'refused',
    answer: 'HTTP 301',
    remedy: 'The address leads to another one, which is not followed. Give the final address.',
    status: 301,
  });
  expect(received.map((each) => each.path)).toEqual([path]);
});

test('a receiver that hangs has failed when its time is up', async () => {
  const { outcome } = await sendTo(() => {}, 200);
  expect(outcome).toMatchObject({
    result: 'failed',
    answer: 'No complete reply within 0.2 s',
    remedy: expect.stringMatching(
      /^Check whether 127\.0\.0\.1:\d+ answers\. If it is only slow, raise timeout\.$/,
    ),
  });
});

test('a receiver that closes before its status has failed', async () => {
  const { outcome } = await sendTo((response) => response.destroy());
  expect(outcome).toMatchObject({
    result: 'failed',
    answer: expect.stringMatching(/^The request failed: the server closed the connection/),
  });
});

test.each([
  { rule: 'closes', end: (response: ServerResponse) => response.destroy() },
  { rule: 'hangs', end: () => {} },
])('a receiver that $rule after its status has said what it thinks', async ({ end }) => {
  for (const [status, result] of [
    [200, 'delivered'],
    [503, 'failed'],
  ] as const) {
    const { outcome } = await sendTo((response) => {
      response.writeHead(status, { 'content-length': 100 });
      response.write('half of it', () => end(response));
    }, 500);
    expect(outcome).toMatchObject({ result, status });
  }
});

test('a receiver that answers with more than it should has the message all the same', async () => {
  const { outcome } = await sendTo((response) => response.end('x'.repeat(2 * 1024 * 1024)));
  expect(outcome).toMatchObject({ result: 'delivered', status: 200 });
  const coded = await sendTo((response) =>
    response.writeHead(200, { 'content-encoding': 'unknown' }).end('abc'),
  );
  expect(coded.outcome).toMatchObject({ result: 'delivered', answer: 'HTTP 200' });
});

test('a receiver that closed an idle connection gets the message over another one', async () => {
  const { baseUrl, received } = await startReceiver((response, nth) => {
    // The second request meets a connection that closes.
    if (nth === 2) response.socket?.destroy();
    else response.end('ok');
  });
  const sender = openSender(sinkSettings('slack', { url: baseUrl }));
  await sender.send(record, known, never);
  expect(await sender.send(record, known, never)).toMatchObject({ result: 'delivered' });
  expect(received).toHaveLength(3);
});

test('a host that does not exist is named, and its address is not', async () => {
  const url = `https://no-such-host.invalid${path}`;
  const outcome = await openSender(sinkSettings('slack', { url })).send(record, known, never);
  expect(outcome).toMatchObject({
    result: 'failed',
    answer: expect.stringContaining('no-such-host.invalid'),
    remedy: expect.stringContaining('Check that this machine reaches no-such-host.invalid'),
  });
  expect(JSON.stringify(outcome)).not.toMatch(/abcdefghijklmnopqrstuvwx|T0001/);
});

test('a port at which nothing listens has failed', async () => {
  const { baseUrl, server } = await startReceiver((response) => response.end());
  server.close();
  server.closeAllConnections();
  const outcome = await openSender(sinkSettings('teams', { url: baseUrl })).send(record, known, never);
  expect(outcome).toMatchObject({ result: 'failed', answer: expect.stringContaining('ECONNREFUSED') });
});

test('a receiver whose certificate nobody vouches for has failed', async () => {
  const port = await listenOn(createTlsServer(selfSigned(), (_request, response) => response.end()));
  const sender = openSender(sinkSettings('webhook', { url: `https://127.0.0.1:${port}/` }));
  expect(await sender.send(record, known, never)).toEqual({
    result: 'failed',
    answer: 'The request failed: the certificate is signed by itself (DEPTH_ZERO_SELF_SIGNED_CERT)',
    remedy: `Check the certificate of 127.0.0.1:${port}. Name a private authority in NODE_EXTRA_CA_CERTS.`,
  });
});

test('bytes that are not HTTP have failed', async () => {
  const port = await listenOn(createNetServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n')));
  const sender = openSender(sinkSettings('webhook', { url: `http://127.0.0.1:${port}/` }));
  expect(await sender.send(record, known, never)).toMatchObject({
    result: 'failed',
    answer: expect.stringContaining('the reply is not HTTP'),
  });
});

function proxyOf(url: string) {
  return { httpProxy: url, httpsProxy: url, noProxy: '' };
}

describe('a proxy', () => {
  test('is used, and leads to the receiver', async () => {
    const { baseUrl, received } = await startReceiver((response) => response.end('ok'));
    const proxy = await startConnectProxy(() => ({ to: Number(new URL(baseUrl).port) }));
    const settings = sinkSettings('slack', {
      url: `http://hooks.example.com${path}`,
      proxy: proxyOf(proxy.url),
    });
    expect(await openSender(settings).send(record, known, never)).toMatchObject({ result: 'delivered' });
    expect(proxy.tunnels).toEqual(['hooks.example.com:80']);
    expect(received).toHaveLength(1);
  });

  test('that refuses is said to refuse the receiver', async () => {
    const proxy = await startConnectProxy(() => ({ status: 407 }));
    const settings = sinkSettings('slack', { proxy: proxyOf(proxy.url) });
    expect(await openSender(settings).send(record, known, never)).toEqual({
      result: 'failed',
      answer:
        'The proxy refused a connection to hooks.example.com (HTTP 407: it asks for a user name and password)',
      remedy: 'Put the user name and password into the address of the proxy (HTTPS_PROXY).',
    });
  });
});

test('nothing secret that a receiver repeats is shown', async () => {
  const secrets = [
    'user',
    'passw0rd',
    'query-token-1',
    'abcdefghijklmnopqrstuvwx',
    routingKey,
    whsec,
    whsec.slice(6),
  ];
  for (const type of ['webhook', 'slack', 'teams', 'pagerduty'] as const) {
    const { baseUrl, received } = await startReceiver((response) =>
      response.writeHead(403).end(`${secrets.slice(1).join(' ').slice(0, 170)} ${received.at(-1)?.path}`),
    );
    const url = `${baseUrl.replace('//', '//user:passw0rd@')}${path}?token=query-token-1`;
    const outcome = await openSender(sinkSettings(type, { url })).send(record, known, never);
    expect(outcome.answer).toContain('[redacted]');
    expect(received[0]?.headers.authorization).toBe(`Basic ${btoa('user:passw0rd')}`);
    const others =
      type === 'pagerduty'
        ? [whsec.slice(6), whsec]
        : type === 'webhook'
          ? [routingKey]
          : [routingKey, whsec, whsec.slice(6)];
    for (const secret of secrets.slice(1).filter((each) => !others.includes(each)))
      expect(outcome.answer).not.toContain(secret);
  }
});

test('the secrets of others are removed too', async () => {
  const { baseUrl } = await startReceiver((response) => response.writeHead(500).end('key-of-atlas'));
  const sender = openSender(sinkSettings('slack', { url: baseUrl }), 'key-of-atlas');
  expect((await sender.send(record, known, never)).answer).toBe('HTTP 500: [redacted]');
});

test('a failed resolution of several incidents stops there, and all are sent again', async () => {
  const { baseUrl, received } = await startReceiver((response, nth) =>
    response.writeHead(nth === 2 ? 500 : 202).end(),
  );
  const sender = openSender(sinkSettings('pagerduty', { url: baseUrl }));
  const failed = sampleEvent('migration.failed');
  expect(await sender.send(failed, known, never)).toMatchObject({ result: 'failed', answer: 'HTTP 500' });
  expect(await sender.send(failed, known, never)).toMatchObject({ result: 'delivered', answer: 'HTTP 202' });
  expect(received.map(({ body }) => JSON.parse(body).event_action)).toEqual([
    'resolve',
    'resolve',
    'resolve',
    'resolve',
    'resolve',
    'trigger',
  ]);
});

test('a stop ends the attempt at once, and close ends the connections', async () => {
  const { promise: arrived, resolve } = Promise.withResolvers<void>();
  const { baseUrl, server } = await startReceiver(() => resolve());
  const sender = openSender(sinkSettings('webhook', { url: baseUrl }));
  const controller = new AbortController();
  const sending = sender.send(record, known, controller.signal);
  await arrived;
  controller.abort(new Error('stop'));
  expect(await sending).toEqual({ result: 'failed', answer: 'the watcher stopped', remedy: '' });
  await sender.close();
  await expect.poll(() => new Promise((done) => server.getConnections((_, count) => done(count)))).toBe(0);
  expect(await sender.send(record, known, never)).toMatchObject({ result: 'failed' });
});
