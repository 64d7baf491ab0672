import { describe, expect, test } from 'vitest';
import { AtlasError } from '../../src/atlas/atlas-error.ts';
import { ProxyFault } from '../../src/atlas/dispatcher.ts';
import { classifyFault } from '../../src/atlas/transport-fault.ts';

function coded(code: string, message = 'secret message'): Error {
  return Object.assign(new Error(message), { code });
}

function at(code: string, address: string): Error {
  return Object.assign(coded(code), { address, port: 443 });
}

describe('a fault of the connection', () => {
  test.each([
    ['ECONNREFUSED', 'network', 'The request failed: nothing accepts connections (ECONNREFUSED).'],
    ['ENOTFOUND', 'network', 'The request failed: the host name does not exist (ENOTFOUND).'],
    ['EPIPE', 'network', 'The request failed: the connection failed (EPIPE).'],
    // Limits of others: the time of the configuration has not passed, and is not named.
    ['ETIMEDOUT', 'timeout', 'The request failed: the connection timed out (ETIMEDOUT).'],
    ['UND_ERR_CONNECT_TIMEOUT', 'timeout', /^The request failed: the server did not answer in time/],
    ['UND_ERR_HEADERS_TIMEOUT', 'timeout', /^The request failed: the server did not answer in time/],
    ['UND_ERR_BODY_TIMEOUT', 'timeout', /^The request failed: the server stopped in the middle/],
    [
      'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
      'network',
      /the length of the reply does not match its Content-Length/,
    ],
    [
      'CERT_HAS_EXPIRED',
      'tls',
      'The request failed: the certificate of the server has expired (CERT_HAS_EXPIRED).',
    ],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', /another host name/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls', /unknown authority/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls', /does not speak TLS \(ERR_SSL_WRONG_VERSION_NUMBER\)/],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls', /the TLS handshake failed/],
    ['HPE_INVALID_CONSTANT', 'bad_reply', /HPE_INVALID_CONSTANT/],
    ['UND_ERR_HEADERS_OVERFLOW', 'bad_reply', /UND_ERR_HEADERS_OVERFLOW/],
    ['UND_ERR_INVALID_ARG', 'internal', /inside the program/],
  ])('with code %s is %s', (code, kind, detail) => {
    const error = classifyFault(coded(code), 2500);
    expect(error).toMatchObject({
      kind,
      detail: typeof detail === 'string' ? detail : expect.stringMatching(detail),
    });
    expect(error.message).not.toContain('secret');
  });

  test.each([
    ['under a cause', new TypeError('failed', { cause: coded('ECONNRESET') }), 'network'],
    ['as several at once', new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')]), 'network'],
    ['as a timeout signal', new DOMException('x', 'TimeoutError'), 'timeout'],
    ['without a code', new TypeError('x'), 'internal'],
    ['as something else than an error', 'x', 'internal'],
    ['as nothing', undefined, 'internal'],
    ['as several at once that are none', new AggregateError([]), 'internal'],
  ])('that comes %s is classified', (_, error, kind) => {
    expect(classifyFault(error, 1000)).toMatchObject({ name: 'AtlasError', kind, cause: error });
  });

  test('that is classified already stays as it is', () => {
    const error = new AtlasError({ kind: 'billing', detail: 'x' });
    expect(classifyFault(error, 1000)).toBe(error);
  });

  test.each([
    ['one', [at('ECONNREFUSED', '127.0.0.1')], 'nothing accepts connections at 127.0.0.1:443 (ECONNREFUSED)'],
    [
      'several with one fault',
      [at('ECONNREFUSED', '127.0.0.1'), at('ECONNREFUSED', '::1')],
      'nothing accepts connections at 127.0.0.1:443, [::1]:443 (ECONNREFUSED)',
    ],
    [
      'more than three',
      ['1', '2', '3', '4', '5'].map((last) => at('ETIMEDOUT', `127.0.0.${last}`)),
      'the connection timed out at 127.0.0.1:443, 127.0.0.2:443, 127.0.0.3:443 and 2 more (ETIMEDOUT)',
    ],
    [
      'several with their own faults',
      [at('ENETUNREACH', '2001:db8::1'), at('ECONNREFUSED', '127.0.0.1')],
      'no network leads to the host [2001:db8::1]:443 (ENETUNREACH); nothing accepts connections at 127.0.0.1:443 (ECONNREFUSED)',
    ],
  ])('names the addresses that were tried: %s', (_, errors, clause) => {
    expect(classifyFault(new AggregateError(errors), 1000).detail).toBe(`The request failed: ${clause}.`);
  });

  test('is of the kind that an address with a route shows', () => {
    const errors = [at('ENETUNREACH', '2001:db8::1'), at('ETIMEDOUT', '127.0.0.1')];
    expect(classifyFault(new AggregateError(errors), 1000).kind).toBe('timeout');
    expect(classifyFault(new AggregateError(errors.toReversed()), 1000).kind).toBe('timeout');
  });

  test('names the host that could not be looked up', () => {
    const error = Object.assign(coded('ENOTFOUND'), { hostname: 'atlas.invalid' });
    expect(classifyFault(error, 1000).detail).toBe(
      'The request failed: the host name atlas.invalid does not exist (ENOTFOUND).',
    );
  });

  test.each([
    ['atlas.baseUrl', coded('ERR_SSL_WRONG_VERSION_NUMBER'), /^Check the port in atlas\.baseUrl/],
    [
      'HTTPS_PROXY',
      new ProxyFault({ cause: coded('ERR_SSL_PACKET_LENGTH_TOO_LONG') }),
      /^Write http:\/\/ in place of https:\/\/ in HTTPS_PROXY/,
    ],
  ])('of a port without TLS has a remedy about %s, and not about certificates', (_, error, remedy) => {
    expect(classifyFault(error, 1000)).toMatchObject({ kind: 'tls', remedy: expect.stringMatching(remedy) });
  });
});
