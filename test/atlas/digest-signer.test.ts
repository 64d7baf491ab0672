import { hash } from 'node:crypto';
import { inspect } from 'node:util';
import { assert, integer, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DigestChallenge } from '../../src/atlas/auth-challenge.ts';
import { createDigestSigner } from '../../src/atlas/digest-signer.ts';
import { parseAuthorization } from '../../src/simulator/authorization-header.ts';
import { field } from './digest-script.ts';

const RFC_2617: DigestChallenge = {
  realm: 'testrealm@host.com',
  nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
  algorithm: 'MD5',
  qop: 'auth',
  opaque: '5ccc069c403ebaf9f0171e9517f40e41',
};
const RFC_7616: DigestChallenge = {
  realm: 'http-auth@example.org',
  nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
  algorithm: 'MD5',
  qop: 'auth',
  opaque: 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS',
};
const RFC_7616_CNONCE = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
const MUFASA = { publicKey: 'Mufasa', privateKey: 'Circle of Life' };

function md5(...parts: readonly (Buffer | string)[]): string {
  const bytes = parts.map((part) => Buffer.from(part as string).toString('latin1'));
  return hash('md5', Buffer.from(bytes.join(':'), 'latin1'));
}

/** Returns text as a header of it is read: each byte as one character. */
function bytesOf(text: string, encoding: 'utf8' | 'latin1'): string {
  return Buffer.from(text, encoding).toString('latin1');
}

describe('a digest signature', () => {
  test('is the known answer of RFC 2617 section 3.5', () => {
    const sign = createDigestSigner(RFC_2617, { publicKey: 'Mufasa', privateKey: 'Circle Of Life' });
    expect(parseAuthorization(sign('GET', '/dir/index.html', 1, '0a4f113b'))).toEqual({
      username: 'Mufasa',
      realm: 'testrealm@host.com',
      nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
      uri: '/dir/index.html',
      qop: 'auth',
      nc: '00000001',
      cnonce: '0a4f113b',
      algorithm: 'MD5',
      response: '6629fae49393a05397450978507c4ef1',
    });
  });

  test('gives back the opaque value of its challenge', () => {
    const header = createDigestSigner(RFC_2617, MUFASA)('GET', '/', 1, 'c');
    expect(field(header, 'opaque')).toBe('5ccc069c403ebaf9f0171e9517f40e41');
  });

  test.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ] as const)('is the known answer of RFC 7616 section 3.9.1 for %s', (algorithm, response) => {
    const header = createDigestSigner({ ...RFC_7616, algorithm }, MUFASA)(
      'GET',
      '/dir/index.html',
      1,
      RFC_7616_CNONCE,
    );
    expect(field(header, 'response')).toBe(response);
    expect(field(header, 'algorithm')).toBe(algorithm);
  });

  test('without a qop is that of RFC 2069 (erratum 749), and sends neither nonce count nor cnonce', () => {
    const credentials = { publicKey: 'Mufasa', privateKey: 'CircleOfLife' };
    const sign = createDigestSigner({ ...RFC_2617, qop: undefined }, credentials);
    const header = sign('GET', '/dir/index.html', 1, '0a4f113b');
    expect(field(header, 'response')).toBe('1949323746fe6a43ef61f9606e7febea');
    expect(header).not.toMatch(/\b(nc|cnonce|qop)=/);
    expect(header).toMatch(/"$/);
  });

  test.each([
    [1, '00000001'],
    [9, '00000009'],
    [10, '0000000a'],
    [15, '0000000f'],
    [16, '00000010'],
    [255, '000000ff'],
    [100_000, '000186a0'],
  ])('writes nonce count %i as %s', (nonceCount, nc) => {
    const header = createDigestSigner(RFC_2617, MUFASA)('GET', '/', nonceCount, 'c');
    expect(field(header, 'nc')).toBe(nc);
  });

  test('writes any nonce count as eight hexadecimal digits', () => {
    const sign = createDigestSigner(RFC_2617, MUFASA);
    assert(
      property(integer({ min: 1, max: 0xff_ff_ff_ff }), (nonceCount) => {
        const nc = field(sign('GET', '/', nonceCount, 'c'), 'nc') ?? '';
        expect(nc).toMatch(/^[0-9a-f]{8}$/);
        expect(Number.parseInt(nc, 16)).toBe(nonceCount);
      }),
    );
  });

  test.each([
    ['/', '/'],
    ['/a?x=1&y=//b', '/a?x=1&y=//b'],
    ['//double/slash', '//double/slash'],
  ])('covers path and query of %s as sent', (uri, signed) => {
    expect(field(createDigestSigner(RFC_2617, MUFASA)('GET', uri, 1, 'c'), 'uri')).toBe(signed);
  });

  test('leaves out an opaque that was not given, and gives back an empty one', () => {
    const without = createDigestSigner({ ...RFC_2617, opaque: undefined }, MUFASA)('GET', '/', 1, 'c');
    const empty = createDigestSigner({ ...RFC_2617, opaque: '' }, MUFASA)('GET', '/', 1, 'c');
    expect(without).not.toContain('opaque');
    expect(field(empty, 'opaque')).toBe('');
  });

  test('quotes what the server and the configuration name, whatever it is', () => {
    assert(
      property(string(), string(), string(), (realm, publicKey, opaque) => {
        const challenge = { ...RFC_2617, realm: bytesOf(realm, 'utf8'), opaque: bytesOf(opaque, 'utf8') };
        const sign = createDigestSigner(challenge, { publicKey, privateKey: 'secret' });
        const header = sign('GET', '/', 1, 'c');
        expect(parseAuthorization(header)).toMatchObject({
          username: bytesOf(publicKey, 'utf8'),
          realm: challenge.realm,
          cnonce: 'c',
          nc: '00000001',
        });
        expect(field(header, 'opaque')).toBe(challenge.opaque);
      }),
    );
  });

  test('is made for the method it is asked for', () => {
    const sign = createDigestSigner(RFC_2617, MUFASA);
    expect(sign('GET', '/', 1, 'c')).not.toBe(sign('HEAD', '/', 1, 'c'));
  });

  test('covers names that are not ASCII as UTF-8', () => {
    const sign = createDigestSigner(
      { ...RFC_7616, realm: bytesOf('größer', 'utf8') },
      { ...MUFASA, privateKey: 'schlüssel→' },
    );
    expect(field(sign('GET', '/', 1, 'c'), 'response')).toBe('fe72be54c30aedf365ead73922c0afe5');
  });

  test.each(['utf8', 'latin1'] as const)(
    'covers the bytes of a realm in %s, and sends them back',
    (encoding) => {
      const realm = Buffer.from('Zürich API', encoding);
      const key = Buffer.from('Mufasa');
      const secret = Buffer.from('schlüssel');
      const header = createDigestSigner(
        { ...RFC_2617, qop: undefined, realm: realm.toString('latin1') },
        { publicKey: 'Mufasa', privateKey: 'schlüssel' },
      )('GET', '/', 1, 'c');
      expect(Buffer.from(field(header, 'realm') ?? '', 'latin1')).toEqual(realm);
      expect(field(header, 'response')).toBe(md5(md5(key, realm, secret), RFC_2617.nonce, md5('GET', '/')));
    },
  );

  test('sends a user name beyond Latin-1 as UTF-8', () => {
    const header = createDigestSigner(RFC_2617, { publicKey: 'ключ', privateKey: 'x' })('GET', '/', 1, 'c');
    expect(field(header, 'username')).toBe(bytesOf('ключ', 'utf8'));
  });

  test('holds no password, nor does its signer when inspected', () => {
    const sign = createDigestSigner(RFC_2617, MUFASA);
    const shown = inspect(sign, { depth: Number.POSITIVE_INFINITY, showHidden: true });
    expect(`${shown} ${sign('GET', '/', 1, 'c')}`).not.toContain(MUFASA.privateKey);
  });
});
