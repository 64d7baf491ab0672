import { expect, test } from 'vitest';
import { HttpError } from '../../src/server/reply.ts';
import { checkRequest } from '../../src/server/request-guard.ts';

const loopback = { listen: '127.0.0.1', allowed: [] };
const everywhere = { listen: '0.0.0.0', allowed: ['watch.example.com'] };

/** Returns the status of the refusal; undefined where there is none. */
function statusFor(
  host: string | undefined,
  known: { listen: string; allowed: string[] },
  method = 'GET',
): number | undefined {
  try {
    checkRequest({ method, headersDistinct: host === undefined ? {} : { host: [host] } }, known);
    return undefined;
  } catch (error) {
    return error instanceof HttpError ? error.status : undefined;
  }
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
  // Every browser sends it; health checks over HTTP/1.0 may not.
  [undefined, loopback],
])('answers a request for the host %s', (host, known) => {
  expect(statusFor(host, known)).toBeUndefined();
});

test.each([
  ['evil.example', loopback],
  ['evil.example:9464', everywhere],
  ['127.0.0.1.evil.example', loopback],
  ['127.999.999.999', loopback],
  ['localhost.evil.example', loopback],
  ['10.1.2.3', loopback],
  ['watch.example.com.evil.example', everywhere],
  ['', loopback],
  ['[::1', loopback],
  ['127.0.0.1:9464:1', loopback],
])('refuses a request for the host %s', (host, known) => {
  expect(statusFor(host, known)).toBe(403);
});

test('answers GET and HEAD alone', () => {
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'];
  expect(methods.map((method) => statusFor('localhost', loopback, method))).toEqual([
    undefined,
    undefined,
    405,
    405,
    405,
    405,
  ]);
});
