import { expect, test } from 'vitest';
import { refuse } from '../../src/server/request-guard.ts';

const loopback = { listen: '127.0.0.1', allowed: [] };
const everywhere = { listen: '0.0.0.0', allowed: ['watch.example.com'] };

function statusFor(
  host: string | undefined,
  known: { listen: string; allowed: string[] },
): number | undefined {
  return refuse({ method: 'GET', url: '/livez', headers: { host } }, known)?.status;
}

test.each([
  ['127.0.0.1:9464', loopback],
  ['127.8.9.1', loopback],
  ['localhost:9464', loopback],
  ['LocalHost.', loopback],
  ['[::1]:9464', loopback],
  ['watcher:9464', { listen: 'Watcher', allowed: [] }],
  ['[fd00::1]:9464', { listen: 'FD00::1', allowed: [] }],
  ['watch.example.com', { listen: '127.0.0.1', allowed: ['watch.example.com'] }],
  ['Watch.Example.com:80', everywhere],
  ['10.1.2.3:9464', everywhere],
  ['[fe80::1]:9464', { listen: '::', allowed: [] }],
  // No browser leaves it out; health checkers that speak HTTP/1.0 do.
  [undefined, loopback],
])('answers a request for the host %s', (host, known) => {
  expect(statusFor(host, known)).toBeUndefined();
});

test.each([
  ['evil.example', loopback],
  ['evil.example:9464', everywhere],
  ['127.0.0.1.evil.example', loopback],
  ['localhost.evil.example', loopback],
  ['10.1.2.3', loopback],
  ['watch.example.com.evil.example', everywhere],
  ['', loopback],
  ['[::1', loopback],
  ['127.0.0.1:9464:1', loopback],
])('refuses a request for the host %s', (host, known) => {
  expect(statusFor(host, known)).toBe(403);
});

test('refuses what is no plain question, each with a sentence', () => {
  const refusals = [
    refuse({ method: 'POST', url: '/livez', headers: {} }, loopback),
    refuse({ method: 'GET', url: '/livez', headers: { 'content-length': '3' } }, loopback),
    refuse({ method: 'GET', url: '/livez', headers: { 'transfer-encoding': 'chunked' } }, loopback),
    refuse({ method: 'GET', url: `/${'x'.repeat(3_000)}`, headers: {} }, loopback),
    refuse({ method: 'GET', url: 'http://evil.example/livez', headers: {} }, loopback),
    refuse({ method: 'HEAD', url: '/livez', headers: { 'content-length': '0' } }, loopback),
  ];
  expect(refusals.map((refused) => refused?.status)).toEqual([405, 400, 400, 414, 400, undefined]);
  expect(refusals[0]?.headers).toMatchObject({ allow: 'GET, HEAD' });
  for (const refused of refusals.slice(0, 5))
    expect(JSON.parse(String(refused?.body ?? ''))).toEqual({ error: expect.stringMatching(/\.$/) });
});
