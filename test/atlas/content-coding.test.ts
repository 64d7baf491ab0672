import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { BODY, connect, connectClient, listen, never } from './connect.ts';

const GOOD = Buffer.from(JSON.stringify(BODY));
const BOMB = gzipSync(Buffer.alloc(16 * 1024 * 1024, ' '));

async function answering(body: Buffer, contentEncoding: string, status = 200) {
  const { baseUrl } = await listen((_request, response) =>
    response.writeHead(status, { 'content-encoding': contentEncoding }).end(body),
  );
  return await connectClient(baseUrl).poll();
}

describe('a body', () => {
  test('is asked for without a content coding', async () => {
    let accepted: string | undefined;
    const { baseUrl } = await listen((request, response) => {
      accepted = request.headers['accept-encoding'];
      response.end();
    });
    await connect(baseUrl).get('/', {}, never);
    expect(accepted).toBe('identity');
  });

  test.each([
    ['gzip', gzipSync(GOOD)],
    ['X-GZIP', gzipSync(GOOD)],
    ['deflate', deflateSync(GOOD)],
    ['br', brotliCompressSync(GOOD)],
    ['zstd', zstdCompressSync(GOOD)],
    ['identity', GOOD],
    ['', GOOD],
    ['deflate, gzip', gzipSync(deflateSync(GOOD))],
  ])('in content coding %j is read all the same', async (coding, body) => {
    expect(await answering(body, coding)).toMatchObject({ ok: true, reading: { status: 'WORKING' } });
  });

  test.each([
    ['compress', GOOD, 'The reply has a content coding that is not supported (compress).'],
    ['gzip, gzip, gzip, gzip', gzipSync(GOOD), /not supported \(gzip, gzip, gzip, gzip\)/],
    ['x'.repeat(9_000), GOOD, /not supported \(x+… \[cut\]\)\.$/],
    ['gzip', GOOD, 'The body of the reply is not valid gzip.'],
    ['gzip', gzipSync(GOOD).subarray(0, 20), 'The body of the reply is not valid gzip.'],
    ['gzip', BOMB, 'The reply is larger than 1 MiB.'],
    ['gzip, gzip', gzipSync(BOMB), 'The reply is larger than 1 MiB.'],
  ])(
    'in content coding %j that cannot be undone is a bad reply that names it',
    async (coding, body, detail) => {
      expect(await answering(body, coding)).toMatchObject({
        ok: false,
        error: {
          kind: 'bad_reply',
          detail: typeof detail === 'string' ? detail : expect.stringMatching(detail),
        },
      });
    },
  );

  test('that cannot be read does not hide the status', async () => {
    expect(await answering(GOOD, 'gzip', 503)).toMatchObject({
      ok: false,
      error: { kind: 'server_error', httpStatus: 503 },
    });
  });

  test('of an error is read in its content coding too', async () => {
    const body = gzipSync('{"errorCode":"RATE_LIMITED","detail":"Too many."}');
    expect(await answering(body, 'gzip', 429)).toMatchObject({
      ok: false,
      error: { kind: 'rate_limited', errorCode: 'RATE_LIMITED', detail: 'HTTP 429: Too many.' },
    });
  });
});
