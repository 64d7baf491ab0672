import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { AtlasError } from '../../src/atlas/atlas-error.ts';
import type { ProxySettings } from '../../src/atlas/dispatcher.ts';
import { BODY, connect, connectClient, listen, listenOn, never } from './connect.ts';
import { startConnectProxy } from './connect-proxy.ts';
import { selfSigned } from './self-signed.ts';

const GOOD = JSON.stringify(BODY);
/** A name that nothing resolves: only the proxy can reach it. */
const FAR = 'http://atlas.invalid:8080';

function through(url: string, more: Partial<ProxySettings> = {}) {
  return { proxy: { httpProxy: url, httpsProxy: '', noProxy: '', ...more } };
}

async function startAtlas() {
  const ports = new Set<number | undefined>();
  const { baseUrl } = await listen((request, response) => {
    ports.add(request.socket.remotePort);
    response.end(GOOD);
  });
  return { baseUrl, ports, port: Number(new URL(baseUrl).port) };
}

describe('through a proxy', () => {
  test('all requests share the tunnels, and their number is bounded', async () => {
    const atlas = await startAtlas();
    const proxy = await startConnectProxy(() => ({ to: atlas.port }));
    const transport = connect(FAR, { ...through(proxy.url), concurrency: 3 });
    await Promise.all(Array.from({ length: 30 }, () => transport.get('/', {}, never)));
    for (let request = 0; request < 10; request += 1) await transport.get('/', {}, never);
    expect(proxy.tunnels).toEqual(Array.from({ length: 3 }, () => 'atlas.invalid:8080'));
    expect(atlas.ports.size).toBe(3);
  });

  test('a login is sent to the proxy and not to Atlas', async () => {
    const seen: (string | undefined)[] = [];
    const { baseUrl } = await listen((request, response) => {
      seen.push(request.headers['proxy-authorization']);
      response.end(GOOD);
    });
    const proxy = await startConnectProxy(() => ({ to: Number(new URL(baseUrl).port) }));
    const url = proxy.url.replace('//', '//me:s3%40t@');
    await connect(FAR, through(url)).get('/', {}, never);
    expect(proxy.logins).toEqual([`Basic ${Buffer.from('me:s3@t').toString('base64')}`]);
    expect(seen).toEqual([undefined]);
  });

  test('the body is still bounded', async () => {
    const { baseUrl } = await listen((_, response) => response.end('x'.repeat(2 * 1024 * 1024)));
    const proxy = await startConnectProxy(() => ({ to: Number(new URL(baseUrl).port) }));
    await expect(connect(FAR, through(proxy.url)).get('/', {}, never)).rejects.toMatchObject({
      detail: 'The reply is larger than 1 MiB.',
    });
  });

  test('a host that NO_PROXY names is reached without it', async () => {
    const atlas = await startAtlas();
    const proxy = await startConnectProxy(() => ({ status: 403 }));
    const transport = connect(atlas.baseUrl, through(proxy.url, { noProxy: 'x.example,127.0.0.1' }));
    expect((await transport.get('/', {}, never)).body).toBe(GOOD);
    expect(proxy.tunnels).toEqual([]);
  });

  test('the environment of the process is not looked at', async () => {
    const atlas = await startAtlas();
    const proxy = await startConnectProxy(() => ({ status: 403 }));
    process.env.HTTP_PROXY = proxy.url;
    try {
      expect((await connect(atlas.baseUrl).get('/', {}, never)).body).toBe(GOOD);
      const settings = through('', { httpsProxy: proxy.url });
      expect((await connect(atlas.baseUrl, settings).get('/', {}, never)).body).toBe(GOOD);
    } finally {
      delete process.env.HTTP_PROXY;
    }
    expect(proxy.tunnels).toEqual([]);
  });
});

describe('a proxy', () => {
  test.each([
    [407, 'The proxy refused a connection to Atlas (HTTP 407: it asks for a user name and password).'],
    [403, 'The proxy refused a connection to Atlas (HTTP 403).'],
    [502, 'The proxy refused a connection to Atlas (HTTP 502).'],
  ])(
    'that answers %d is a fault of the network, and is used again when it is well',
    async (status, detail) => {
      const atlas = await startAtlas();
      const proxy = await startConnectProxy((nth) => (nth === 1 ? { status } : { to: atlas.port }));
      const client = connectClient(FAR, through(proxy.url));
      expect(await client.poll()).toMatchObject({
        ok: false,
        attempts: 1,
        error: { kind: 'network', detail, remedy: expect.stringContaining('HTTPS_PROXY') },
      });
      expect(await client.poll()).toMatchObject({ ok: true });
    },
  );

  test('that wants another login is not asked again within the poll, and the login is not shown', async () => {
    const proxy = await startConnectProxy(() => ({ status: 407 }));
    const retry = { attempts: 4, minDelayMs: 1, maxDelayMs: 2, maxRetryAfterMs: 1 };
    const url = proxy.url.replace('//', '//me:s3cr3t@');
    const result = await connectClient(FAR, { ...through(url), retry }).poll();
    expect(result).toMatchObject({
      ok: false,
      attempts: 1,
      error: { kind: 'network', remedy: expect.stringContaining('user:password@host:port') },
    });
    expect(proxy.tunnels).toHaveLength(1);
    const shown = inspect(result, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true });
    expect(shown).not.toMatch(/s3cr3t|bWU6czNjcjN0/);
  });

  test('that is not there, or hangs up, is named as the one at fault', async () => {
    const gone = connectClient(FAR, through('http://127.0.0.1:9'));
    expect(await gone.poll()).toMatchObject({
      ok: false,
      error: {
        kind: 'network',
        detail: 'The request failed at the proxy: nothing accepts connections at 127.0.0.1:9 (ECONNREFUSED).',
        remedy: expect.stringContaining('HTTPS_PROXY'),
      },
    });
    const proxy = await startConnectProxy(() => 'close');
    expect(await connectClient(FAR, through(proxy.url)).poll()).toMatchObject({
      ok: false,
      error: {
        kind: 'network',
        detail: expect.stringMatching(/at the proxy: .*\(UND_ERR_SOCKET|ECONNRESET\)/),
      },
    });
  });

  test('that says nothing costs that request alone', async () => {
    const atlas = await startAtlas();
    const proxy = await startConnectProxy((nth) => (nth === 1 ? 'silence' : { to: atlas.port }));
    const client = connectClient(FAR, { ...through(proxy.url), requestTimeoutMs: 500, concurrency: 1 });
    expect(await client.poll()).toMatchObject({ ok: false, error: { kind: 'timeout' } });
    let reads = 0;
    for (let poll = 0; poll < 6 && reads === 0; poll += 1) if ((await client.poll()).ok) reads += 1;
    expect(reads).toBe(1);
  });

  test('leaves TLS to Atlas: a certificate nobody vouches for is refused behind it too', async () => {
    const port = await listenOn(createTlsServer(selfSigned()));
    const proxy = await startConnectProxy(() => ({ to: port }));
    const settings = through('', { httpsProxy: proxy.url });
    const result = await connectClient('https://atlas.invalid', settings).poll();
    expect(proxy.tunnels).toEqual(['atlas.invalid:443']);
    expect(result).toMatchObject({
      ok: false,
      error: { kind: 'tls', remedy: expect.stringContaining('NODE_EXTRA_CA_CERTS') },
    });
  });

  test.each(['x', 'HTTP/1.1 200 OK\r\n\r\n', ' '])(
    'that sends %j behind its reply is a fault, and is asked once',
    async (more) => {
      let asked = 0;
      const port = await listenOn(
        createTcpServer((socket) => {
          socket.on('error', () => {});
          socket.on('data', () => {
            asked += 1;
            socket.write(`HTTP/1.1 200 OK\r\n\r\n${more}`);
          });
        }),
      );
      const result = await connectClient(FAR, through(`http://127.0.0.1:${port}`)).poll();
      expect(result).toMatchObject({ ok: false, attempts: 1, error: { kind: 'bad_reply' } });
      expect(asked).toBe(1);
    },
  );

  test.each([
    ['http', 'end'],
    ['http', 'destroy'],
    ['http', 'resetAndDestroy'],
    ['https', 'end'],
    ['https', 'destroy'],
  ] as const)('that opens a tunnel for %s and closes it (%s) is asked once', async (scheme, close) => {
    let asked = 0;
    const port = await listenOn(
      createTcpServer((socket) => {
        asked += 1;
        socket.on('error', () => {});
        socket.once('data', () => {
          socket.cork();
          socket.write('HTTP/1.1 200 OK\r\n\r\n', () => close !== 'end' && socket[close]());
          if (close === 'end') socket.end();
          else socket.uncork();
        });
      }),
    );
    const client = connectClient(`${scheme}://atlas.invalid`, through(`http://127.0.0.1:${port}`));
    expect(await client.poll()).toMatchObject({ ok: false, attempts: 1, error: { kind: 'network' } });
    expect(asked).toBe(1);
  });

  test.each(['http', 'https'] as const)(
    'whose tunnel for %s is silent costs no more than the time of a request',
    async (scheme) => {
      const silent = createTcpServer((socket) => void socket.on('error', () => {}));
      const ended = once(silent, 'connection').then(async ([socket]) => await once(socket.resume(), 'close'));
      const port = await listenOn(silent);
      const proxy = await startConnectProxy(() => ({ to: port }));
      const options = { ...through(proxy.url), requestTimeoutMs: 300 };
      const result = await connectClient(`${scheme}://atlas.invalid`, options).poll();
      expect(result).toMatchObject({ ok: false, error: { kind: 'timeout' } });
      await ended;
    },
    5_000,
  );

  test.each(['http:', 'https:'])('whose tunnel is silent holds up no stop: %s', async (scheme) => {
    const silent = createTcpServer((socket) => void socket.on('error', () => {}));
    const port = await listenOn(silent);
    const proxy = await startConnectProxy(() => ({ to: port }));
    const reached = once(silent, 'connection');
    const transport = connect(`${scheme}//atlas.invalid`, {
      ...through(proxy.url),
      requestTimeoutMs: 60_000,
    });
    const asked = transport.get('/', {}, never).catch((error: unknown) => error);
    const [socket] = await reached;
    const ended = once(socket.resume(), 'close');
    await transport.close();
    expect(await asked).toBeInstanceOf(AtlasError);
    await ended;
  });
});
