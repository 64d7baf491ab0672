import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AtlasError } from '../../src/atlas/atlas-error.ts';
import { connect, listen, never } from './connect.ts';

describe('the transport', () => {
  beforeEach(() => {
    vi.stubGlobal('fetch', () => {
      throw new Error('the global fetch was used');
    });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test('returns any reply whole, its headers in lower case and several lines of one kept', async () => {
    const { baseUrl } = await listen((_request, response) => {
      const challenges = ['Basic realm="x"', 'Digest nonce="n"'];
      response.writeHead(401, { 'WWW-Authenticate': challenges, 'X-Other': 'y' }).end('größer');
    });
    expect(await connect(baseUrl).get('/a', {}, never)).toMatchObject({
      status: 401,
      headers: expect.objectContaining({
        'www-authenticate': ['Basic realm="x"', 'Digest nonce="n"'],
        'x-other': 'y',
      }),
      body: 'größer',
    });
  });

  test("sends the path as given, the caller's headers and its user agent, and changes none of them", async () => {
    const seen: Pick<IncomingMessage, 'method' | 'url' | 'headers'>[] = [];
    const { baseUrl } = await listen(({ method, url, headers }, response) => {
      seen.push({ method, url, headers });
      response.end();
    });
    const headers = Object.freeze({ accept: 'application/json', authorization: 'Digest x' });
    await connect(baseUrl, { userAgent: 'cutover-watch/9' }).get('/a/b?c=d', headers, never);
    expect(seen).toMatchObject([
      { method: 'GET', url: '/a/b?c=d', headers: { ...headers, 'user-agent': 'cutover-watch/9' } },
    ]);
    expect(headers).toEqual({ accept: 'application/json', authorization: 'Digest x' });
  });

  test('keeps its connection for the next request, also after an error reply', async () => {
    const ports = new Set<number | undefined>();
    const { baseUrl } = await listen(({ socket }, response) => {
      ports.add(socket.remotePort);
      response.writeHead(401).end('x'.repeat(64 * 1024));
    });
    const transport = connect(baseUrl);
    for (let request = 0; request < 20; request += 1) await transport.get('/', {}, never);
    expect(ports.size).toBe(1);
  });

  test('opens no more connections than allowed', async () => {
    const ports = new Set<number | undefined>();
    const { baseUrl } = await listen(({ socket }, response) => {
      ports.add(socket.remotePort);
      setImmediate(() => response.end());
    });
    const transport = connect(baseUrl, { concurrency: 3 });
    await Promise.all(Array.from({ length: 30 }, () => transport.get('/', {}, never)));
    expect(ports.size).toBe(3);
  });

  test('takes a body of 1 MiB', async () => {
    const { baseUrl } = await listen((_request, response) => response.end('x'.repeat(1024 * 1024)));
    expect((await connect(baseUrl).get('/', {}, never)).body).toHaveLength(1024 * 1024);
  });

  test('ends a request under way when it is closed', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const { baseUrl } = await listen(() => resolve());
    const transport = connect(baseUrl);
    const request = transport.get('/', {}, never);
    const refused = expect(request).rejects.toBeInstanceOf(AtlasError);
    await asked;
    await transport.close();
    await refused;
  });

  test('calls a header that cannot be sent internal, and shows nothing of it', async () => {
    const { baseUrl } = await listen((_request, response) => response.end());
    const request = connect(baseUrl).get('/', { authorization: 'Digest username="schlüssel→"' }, never);
    await expect(request).rejects.toMatchObject({
      kind: 'internal',
      message: expect.not.stringContaining('→'),
    });
  });

  test('reports the end of every request', async () => {
    const { baseUrl } = await listen((request, response) => {
      if (request.url === '/gone') request.socket.destroy();
      else response.writeHead(Number(request.url?.slice(1))).end();
    });
    const ends: (number | undefined)[] = [];
    const transport = connect(baseUrl, { onRequestEnd: (httpStatus) => ends.push(httpStatus) });
    await transport.get('/200', {}, never);
    await transport.get('/401', {}, never);
    await transport.postForm('/503', {}, {}, never);
    await expect(transport.get('/gone', {}, never)).rejects.toBeInstanceOf(AtlasError);
    await expect(transport.get('/200', {}, AbortSignal.abort(new Error('x')))).rejects.toThrow('x');
    expect(ends).toEqual([200, 401, 503, undefined, undefined]);
  });

  test('throws the reason of the signal that ended the request, and a timeout of its own otherwise', async () => {
    const { baseUrl } = await listen(() => {});
    const reason = new Error('shutdown');
    const controller = new AbortController();
    const canceled = connect(baseUrl).get('/', {}, controller.signal);
    controller.abort(reason);
    await expect(canceled).rejects.toBe(reason);
    const slow = connect(baseUrl, { requestTimeoutMs: 100 }).get('/', {}, never);
    await expect(slow).rejects.toMatchObject({ kind: 'timeout', detail: 'No complete reply within 0.1 s.' });
  });
});
