import { describe, expect, test } from 'vitest';
import { AtlasError } from '../../src/atlas/atlas-error.ts';
import { classifyFault } from '../../src/atlas/transport-fault.ts';

function coded(code: string, message = 'secret message'): Error {
  return Object.assign(new Error(message), { code });
}

describe('a fault of the connection', () => {
  test.each([
    [
      'ECONNREFUSED',
      'network',
      'The request failed: nothing accepts connections at that address (ECONNREFUSED).',
    ],
    ['ENOTFOUND', 'network', 'The request failed: the host name does not exist (ENOTFOUND).'],
    ['EPIPE', 'network', 'The request failed: the connection failed (EPIPE).'],
    ['ETIMEDOUT', 'timeout', 'No complete reply within 2.5 s.'],
    ['UND_ERR_CONNECT_TIMEOUT', 'timeout', 'No complete reply within 2.5 s.'],
    ['UND_ERR_HEADERS_TIMEOUT', 'timeout', 'No complete reply within 2.5 s.'],
    ['UND_ERR_BODY_TIMEOUT', 'timeout', 'No complete reply within 2.5 s.'],
    [
      'CERT_HAS_EXPIRED',
      'tls',
      'The request failed: the certificate of the server has expired (CERT_HAS_EXPIRED).',
    ],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', /another host name/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls', /unknown authority/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls', /ERR_SSL_WRONG_VERSION_NUMBER/],
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
});
