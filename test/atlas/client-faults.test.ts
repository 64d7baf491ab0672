import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { AtlasErrorInit } from '../../src/atlas/atlas-error.ts';
import { BODY, connectClient, listen, listenOn } from './connect.ts';
import { selfSigned } from './self-signed.ts';

const { _id, ...READING } = BODY;
const GOOD = JSON.stringify(BODY);
const PAGE = '<html><head><title>MongoDB Cloud Manager Unavailable</title></head><body></body></html>';
const MIB = 1024 * 1024;

type Fault = (response: ServerResponse, request: IncomingMessage) => void;
type Expected = Partial<Omit<AtlasErrorInit, 'detail'>> & { readonly detail: string | RegExp };

/** Answers 200, or the given status, with a complete body. */
function says(body: string, status = 200, headers: Readonly<Record<string, string>> = {}): Fault {
  return (response) => response.writeHead(status, headers).end(body);
}

/** A server that misbehaves until healed, with a client for it. */
async function startFaulty(fault: Fault, requestTimeoutMs = 20_000) {
  let healthy = false;
  let requests = 0;
  const { baseUrl, server } = await listen((request, response) => {
    requests += 1;
    if (healthy) says(GOOD)(response, request);
    else fault(response, request);
  });
  return {
    baseUrl,
    server,
    client: connectClient(baseUrl, { requestTimeoutMs }),
    requests: () => requests,
    heal: () => {
      healthy = true;
    },
  };
}

const silence = { kind: 'timeout', detail: 'No complete reply within 0.6 s.' } as const;
const cutOff = { kind: 'network', detail: /UND_ERR_SOCKET|ECONNRESET/ } as const;
const tooLarge = { kind: 'bad_reply', detail: 'The reply is larger than 1 MiB.' } as const;
const wrongType = 'The reply has a value of the wrong type: ';

const faults: readonly (readonly [string, Fault, Expected])[] = [
  ['says nothing', () => {}, silence],
  ['says half a header', (response) => response.socket?.write('HTTP/1.1 200 OK\r\nConte'), silence],
  [
    'stops in the middle of the body',
    (response) => response.writeHead(200).write(GOOD.slice(0, 20)),
    silence,
  ],
  ['trickles its body without an end', trickle, silence],
  ['closes without a reply', (response) => response.socket?.end(), cutOff],
  ['resets the connection', (response) => response.socket?.resetAndDestroy(), cutOff],
  [
    'closes in the middle of a body of known length',
    (response) => {
      response.writeHead(200, { 'content-length': GOOD.length });
      response.write(GOOD.slice(0, 20), () => response.socket?.end());
    },
    cutOff,
  ],
  [
    'closes in the middle of a chunked body',
    (response) => response.writeHead(200).write(GOOD, () => response.socket?.end()),
    cutOff,
  ],
  [
    'speaks another protocol',
    (response) => response.socket?.end('SSH-2.0-OpenSSH_9.6\r\n'),
    { kind: 'bad_reply', detail: 'The request failed: the reply is not HTTP (HTTPParserError).' },
  ],
  ['sends an HTML page with 200', says(PAGE), { kind: 'bad_reply', detail: 'The reply is not JSON.' }],
  ['sends nothing with 200', says(''), { kind: 'bad_reply', detail: 'The reply is empty.' }],
  ['sends 204', says('', 204), { kind: 'bad_reply', httpStatus: 204, detail: 'HTTP 204.' }],
  [
    'sends 2 MiB of known length',
    says(' '.repeat(2 * MIB), 200, { 'content-length': `${2 * MIB}` }),
    tooLarge,
  ],
  ['sends 2 MiB in chunks', chunks, tooLarge],
  ['sends a wrong type', says('{"readyForCutover":"yes"}'), { kind: 'bad_reply', detail: /readyForCutover/ }],
  ['sends a list', says('[]'), { kind: 'bad_reply', detail: `${wrongType}the whole body.` }],
  [
    'sends another migration',
    says('{"_id":"other"}'),
    { kind: 'bad_reply', detail: /another live migration/ },
  ],
  [
    'sends an HTML page with 503',
    says(PAGE, 503),
    { kind: 'server_error', httpStatus: 503, detail: 'HTTP 503: MongoDB Cloud Manager Unavailable.' },
  ],
  [
    'sends a plain 500',
    says('Server Error', 500),
    { kind: 'server_error', httpStatus: 500, detail: 'HTTP 500.' },
  ],
  [
    'sends 403 for the address',
    says('{"errorCode":"IP_ADDRESS_NOT_ON_ACCESS_LIST"}', 403),
    { kind: 'forbidden', httpStatus: 403, errorCode: 'IP_ADDRESS_NOT_ON_ACCESS_LIST', detail: 'HTTP 403.' },
  ],
  [
    'sends 429',
    says('{"errorCode":"RATE_LIMITED"}', 429, { 'retry-after': '20' }),
    {
      kind: 'rate_limited',
      httpStatus: 429,
      errorCode: 'RATE_LIMITED',
      retryAfterMs: 20_000,
      detail: 'HTTP 429.',
    },
  ],
];

function trickle(response: ServerResponse): void {
  response.writeHead(200);
  const timer = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(timer));
}

function chunks(response: ServerResponse): void {
  response.writeHead(200);
  for (let sent = 0; sent < 2 * MIB; sent += 64 * 1024) response.write(' '.repeat(64 * 1024));
  response.end();
}

describe('a server', () => {
  test.each(faults)(
    'that %s fails the poll, and is read again when it is well',
    async (_, fault, expected) => {
      const { detail, ...rest } = expected;
      // A fault that has no end of its own needs a short limit; all others have time on a busy machine.
      const { client, heal, requests } = await startFaulty(fault, rest.kind === 'timeout' ? 600 : undefined);
      expect(await client.poll()).toMatchObject({
        ok: false,
        attempts: 1,
        error: { ...rest, detail: typeof detail === 'string' ? detail : expect.stringMatching(detail) },
      });
      expect(requests()).toBe(1);
      heal();
      expect(await client.poll()).toEqual({ ok: true, attempts: 1, requests: 1, reading: READING });
    },
  );

  test('that closes every connection at once fails the poll', async () => {
    const port = await listenOn(createTcpServer((socket) => socket.end()));
    const result = await connectClient(`http://127.0.0.1:${port}`).poll();
    expect(result).toMatchObject({ ok: false, error: { kind: 'network' } });
  });

  test('that redirects is not followed', async () => {
    const { client, requests } = await startFaulty(says('', 301, { location: '/elsewhere' }));
    expect(await client.poll()).toMatchObject({
      ok: false,
      error: {
        kind: 'bad_reply',
        httpStatus: 301,
        remedy: expect.stringContaining('Redirects are not followed'),
      },
    });
    expect(requests()).toBe(1);
  });

  test('that closes a kept-alive connection between polls is read over another', async () => {
    const { client, heal, server } = await startFaulty(says(GOOD));
    heal();
    expect(await client.poll()).toMatchObject({ ok: true });
    server.closeAllConnections();
    const retrying = await client.poll();
    const next = retrying.ok ? retrying : await client.poll();
    expect(next).toMatchObject({ ok: true });
  });

  test('that answers with a status nobody documented has it kept', async () => {
    const { client } = await startFaulty(says('{"status":"PENDING"}'));
    expect(await client.poll()).toMatchObject({ ok: true, reading: { status: 'PENDING' } });
  });

  test('that is not there is a network fault', async () => {
    const server = createTcpServer();
    const port = await listenOn(server);
    const { promise, resolve } = Promise.withResolvers<void>();
    server.close(() => resolve());
    await promise;
    const result = await connectClient(`http://127.0.0.1:${port}`).poll();
    expect(result).toMatchObject({
      ok: false,
      error: {
        kind: 'network',
        detail: `The request failed: nothing accepts connections at 127.0.0.1:${port} (ECONNREFUSED).`,
        remedy: expect.stringContaining('atlas.baseUrl'),
      },
    });
  });

  test('whose host name does not exist is a network fault', async () => {
    const result = await connectClient('http://nonexistent.invalid').poll();
    expect(result).toMatchObject({
      ok: false,
      error: { kind: 'network', detail: expect.stringMatching(/the host name .*\((ENOTFOUND|EAI_AGAIN)\)/) },
    });
  });

  test('with a certificate of its own making is a TLS fault, and hears nothing', async () => {
    let requests = 0;
    const port = await listenOn(createTlsServer(selfSigned(), () => (requests += 1)));
    const result = await connectClient(`https://127.0.0.1:${port}`).poll();
    expect(result).toMatchObject({
      ok: false,
      attempts: 1,
      error: {
        kind: 'tls',
        detail: 'The request failed: the certificate is signed by itself (DEPTH_ZERO_SELF_SIGNED_CERT).',
        remedy: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
      },
    });
    expect(requests).toBe(0);
  });

  test('that speaks no TLS where TLS is asked for is a TLS fault', async () => {
    const { baseUrl } = await startFaulty(says(GOOD));
    const result = await connectClient(baseUrl.replace('http:', 'https:')).poll();
    expect(result).toMatchObject({ ok: false, error: { kind: 'tls' } });
  });
});
