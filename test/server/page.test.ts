import { extname } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { fetchRaw, serve } from './served.ts';

/** The assets that the page names, and those that its script names. */
async function assetsOf(origin: string): Promise<string[]> {
  const page = (await fetchRaw(`${origin}/`)).body.toString();
  const named = [...page.matchAll(/(?:href|src)="(assets\/[^"]+)"/g)].map(([, path]) => `/${path}`);
  const script = named.find((path) => path.endsWith('.js')) ?? '';
  const text = (await fetchRaw(origin + script)).body.toString();
  const later = [...text.matchAll(/import\([`'"]\.\/([^`'"]+)/g)].map(([, name]) => `/assets/${name}`);
  return [...named, ...later];
}

test('the page loads nothing from elsewhere, and has nothing inline', async () => {
  const { server } = await serve();
  const { status, headers, body } = await fetchRaw(`${server.origin}/?search=x`);
  expect(status).toBe(200);
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
  expect(policy).toContain("worker-src 'self'");
  expect(policy).not.toContain('unsafe');
  expect(headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-cache',
  });
  const page = body.toString();
  expect(page).not.toMatch(/<style|style=|<script(?![^>]*src=)|\son\w+=/);
});

test('page and assets together take less than 100 kB to transfer', async () => {
  const { server } = await serve();
  const assets = await assetsOf(server.origin);
  const kinds = new Set(assets.map((path) => extname(path)));
  expect([assets.length, kinds]).toEqual([4, new Set(['.svg', '.css', '.js'])]);
  const replies = await Promise.all(
    ['/', ...assets].map((path) => fetchRaw(server.origin + path, { 'accept-encoding': 'gzip, br' })),
  );
  for (const [index, { headers }] of replies.entries())
    if (/\.(js|css)$/.test(assets[index - 1] ?? '')) expect(headers['content-encoding']).toBe('gzip');
  const weight = replies.reduce((sum, { body }) => sum + body.length, 0);
  expect(weight).toBeGreaterThan(10_000);
  expect(weight).toBeLessThan(100_000);
});

test('browsers keep assets forever, and check the page each time', async () => {
  const { server } = await serve();
  for (const path of ['/', ...(await assetsOf(server.origin))]) {
    const zipped = await fetchRaw(server.origin + path, { 'accept-encoding': 'gzip' });
    const plain = await fetchRaw(server.origin + path, { 'accept-encoding': 'gzip;q=0' });
    expect(plain.headers).not.toHaveProperty('content-encoding');
    const isZipped = zipped.headers['content-encoding'] === 'gzip';
    expect((isZipped ? gunzipSync(zipped.body) : zipped.body).equals(plain.body)).toBe(true);
    expect(plain.headers).toMatchObject({
      vary: 'accept-encoding',
      'cache-control': path === '/' ? 'no-cache' : 'public, max-age=31536000, immutable',
    });
    const again = await fetchRaw(server.origin + path, { 'if-none-match': String(plain.headers.etag) });
    expect(again).toMatchObject({ status: 304, body: Buffer.alloc(0) });
    const changed = await fetchRaw(server.origin + path, { 'if-none-match': 'W/"another"' });
    expect(changed.status).toBe(200);
  }
});

test('a path that is no file of the page is not found, wherever it points', async () => {
  const { server } = await serve();
  for (const path of [
    '/assets/',
    '/assets/page.js',
    '/assets/../main.js',
    '/assets/..%2Fmain.js',
    '/assets//etc/passwd',
  ])
    expect((await fetchRaw(server.origin + path)).status).toBe(404);
});
