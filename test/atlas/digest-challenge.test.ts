import { describe, expect, test } from 'vitest';
import { parseDigestChallenge, saysStale } from '../../src/atlas/auth-challenge.ts';
import type { HttpReply } from '../../src/atlas/transport.ts';
import { headerValue } from '../../src/atlas/transport.ts';

const ATLAS =
  'Digest realm="MMS Public API", domain="", nonce="Nfx+VMFO0sY4tpgy1sHRakvvv0NN4S91", algorithm=MD5, qop="auth", stale=false';

function replyWith(...lines: string[]): HttpReply {
  return { status: 401, headers: { 'www-authenticate': lines }, body: '' };
}

describe('a digest challenge', () => {
  test('of Atlas is understood', () => {
    expect(parseDigestChallenge(ATLAS)).toEqual({
      realm: 'MMS Public API',
      nonce: 'Nfx+VMFO0sY4tpgy1sHRakvvv0NN4S91',
      algorithm: 'MD5',
      qop: 'auth',
      opaque: undefined,
    });
  });

  test.each([
    ['is found behind Basic', `Basic realm="x", ${ATLAS}`, { realm: 'MMS Public API', algorithm: 'MD5' }],
    ['is MD5 when it names no algorithm', 'Digest realm="x", nonce="n"', { algorithm: 'MD5' }],
    ['may name its algorithm in any case', 'Digest nonce=n, algorithm="sha-256"', { algorithm: 'SHA-256' }],
    ['is of RFC 2069 without a qop', 'Digest nonce=n', { qop: undefined }],
    ['may offer several qops', 'Digest nonce=n, qop="auth-int, AUTH"', { qop: 'auth' }],
    ['carries its opaque', 'Digest nonce=n, opaque="o=/"', { opaque: 'o=/' }],
    ['may have an empty realm', 'Digest realm="", nonce=n', { realm: '' }],
    ['is not misled by xnonce', 'Digest xnonce="bad", nonce="good"', { nonce: 'good' }],
    [
      'is the first that can be answered, as the server lists them in its preference',
      'Digest realm="x", nonce="a", algorithm=SHA-256, Digest realm="x", nonce="b", algorithm=MD5',
      { nonce: 'a', algorithm: 'SHA-256' },
    ],
    [
      'is taken after one of an algorithm nobody knows',
      'Digest nonce="a", algorithm=SHA-512-256, Digest nonce="b", algorithm=MD5',
      { nonce: 'b', algorithm: 'MD5' },
    ],
  ])('%s', (_, header, expected) => {
    expect(parseDigestChallenge(header)).toMatchObject(expected);
  });

  test.each([
    ['', 'nothing'],
    ['Basic realm="x"', 'another scheme'],
    ['Basic nonce="n"', 'a nonce under another scheme'],
    ['Digest realm="x"', 'no nonce'],
    ['Digest xnonce="n"', 'a name that only ends in nonce'],
    ['Digest nonce=n, algorithm=MD5-sess', 'a session algorithm'],
    ['Digest nonce=n, qop="auth-int"', 'auth-int alone'],
    ['Digest nonce="cut o', 'a nonce that was cut off'],
  ])('cannot be read from %j: %s', (header) => {
    expect(parseDigestChallenge(header)).toBeUndefined();
  });

  test('is found in several header lines', () => {
    const reply = replyWith('Basic realm="x"', 'Digest nonce="n", algorithm=SHA-256', ATLAS);
    expect(parseDigestChallenge(headerValue(reply, 'www-authenticate') ?? '')).toMatchObject({
      nonce: 'n',
      algorithm: 'SHA-256',
    });
  });
});

describe('a 401', () => {
  test.each([
    [ATLAS.replace('stale=false', 'stale=true'), true],
    [ATLAS.replace('stale=false', 'stale="TRUE"'), true],
    [ATLAS, false],
    ['Digest nonce=n', false],
    ['Digest nonce=n, realm="stale=true"', false],
    ['', false],
  ])('with %j says stale: %j', (line, stale) => {
    expect(saysStale(replyWith(line))).toBe(stale);
  });

  test('without the header says nothing about its nonce', () => {
    expect(saysStale({ status: 401, headers: {}, body: '' })).toBe(false);
  });
});
