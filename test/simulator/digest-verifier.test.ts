import { describe, expect, test } from 'vitest';
import { parseAuthorization } from '../../src/simulator/authorization-header.ts';
import {
  type DigestExpectation,
  type DigestVerdict,
  verifyDigest,
} from '../../src/simulator/digest-verifier.ts';

const RFC_2617_HEADER = `Digest username="Mufasa",
  realm="testrealm@host.com",
  nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",
  uri="/dir/index.html",
  qop=auth,
  nc=00000001,
  cnonce="0a4f113b",
  response="6629fae49393a05397450978507c4ef1",
  opaque="5ccc069c403ebaf9f0171e9517f40e41"`.replaceAll('\n', '');

const RFC_2617: DigestExpectation = {
  credentials: { publicKey: 'Mufasa', privateKey: 'Circle Of Life' },
  algorithm: 'MD5',
  realm: 'testrealm@host.com',
  method: 'GET',
  target: '/dir/index.html',
};

const RFC_7616_HEADER = `Digest username="Mufasa",
  realm="http-auth@example.org",
  uri="/dir/index.html",
  algorithm=ALGORITHM,
  nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
  nc=00000001,
  cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
  qop=auth,
  response="RESPONSE",
  opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`.replaceAll('\n', '');

const RFC_7616 = {
  ...RFC_2617,
  credentials: { publicKey: 'Mufasa', privateKey: 'Circle of Life' },
  realm: 'http-auth@example.org',
} as const;

function verify(header: string, expected: DigestExpectation): DigestVerdict {
  const authorization = parseAuthorization(header);
  if (authorization === undefined) {
    throw new Error('The header of this test cannot be read.');
  }
  return verifyDigest(authorization, expected);
}

describe('the known answers', () => {
  test('of RFC 2617 section 3.5 are accepted', () => {
    expect(verify(RFC_2617_HEADER, RFC_2617)).toEqual({ kind: 'valid', nonceCount: 1 });
  });

  test.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ] as const)('of RFC 7616 section 3.9.1 are accepted for %s', (algorithm, response) => {
    const header = RFC_7616_HEADER.replace('ALGORITHM', algorithm).replace('RESPONSE', response);
    expect(verify(header, { ...RFC_7616, algorithm })).toEqual({ kind: 'valid', nonceCount: 1 });
  });
});

describe('a signature is refused', () => {
  test.each<[string, string, Partial<DigestExpectation>]>([
    ['realm', 'for another realm', { realm: 'MMS Public API' }],
    ['uri', 'for another path', { target: '/dir/other.html' }],
    ['uri', 'for the same path without its query', { target: '/dir/index.html?pretty=true' }],
    ['algorithm', 'with another algorithm', { algorithm: 'SHA-256' }],
    ['username', 'by another user', { credentials: { publicKey: 'Scar', privateKey: 'Circle Of Life' } }],
    [
      'response',
      'with another password',
      { credentials: { publicKey: 'Mufasa', privateKey: 'circle of life' } },
    ],
    ['response', 'for another method', { method: 'PUT' }],
  ])('because of its %s when made %s', (mismatch, _, changed) => {
    expect(verify(RFC_2617_HEADER, { ...RFC_2617, ...changed })).toEqual({ kind: 'invalid', mismatch });
  });

  test.each([
    ['qop', 'qop=auth', 'qop=auth-int'],
    ['nc', 'nc=00000001', 'nc=1'],
    ['response', 'nc=00000001', 'nc=00000002'],
    ['response', 'cnonce="0a4f113b"', 'cnonce="0a4f113c"'],
    ['response', 'response="6629', 'response="'],
    ['response', '4ef1"', '4ef0"'],
    ['response', 'response="6629fae49393a05397450978507c4ef1"', 'response=""'],
  ])('because of its %s when %s is replaced by %s', (mismatch, from, to) => {
    expect(verify(RFC_2617_HEADER.replace(from, to), RFC_2617)).toEqual({ kind: 'invalid', mismatch });
  });
});
