import { assert, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAuthorization, parseNonceCount } from '../../src/simulator/authorization-header.ts';

const HEADER =
  'Digest username="pub", realm="MMS Public API", nonce="a+b/c", uri="/x?y=1,2", ' +
  'cnonce="c", nc=00000001, algorithm=MD5, response="r", qop=auth';

describe('the Authorization header', () => {
  test('is read field by field, with spaces and commas kept inside quotes', () => {
    expect(parseAuthorization(HEADER)).toEqual({
      username: 'pub',
      realm: 'MMS Public API',
      nonce: 'a+b/c',
      uri: '/x?y=1,2',
      cnonce: 'c',
      nc: '00000001',
      algorithm: 'MD5',
      response: 'r',
      qop: 'auth',
    });
  });

  test('is read whatever the case, the spacing and the quoting', () => {
    const other =
      'DIGEST Username="pub" ,Realm="MMS Public API",, nonce="a+b/c",uri="/x?y=1,2",' +
      'cnonce=c,nc="00000001",algorithm="MD5",response=r,qop="auth",';
    expect(parseAuthorization(other)).toEqual(parseAuthorization(HEADER));
  });

  test('has the backslashes of quoted values taken away', () => {
    const escaped = HEADER.replace('username="pub"', String.raw`username="p\"u\\b"`);
    expect(parseAuthorization(escaped)?.username).toBe(String.raw`p"u\b`);
  });

  test('may leave the algorithm out', () => {
    expect(parseAuthorization(HEADER.replace('algorithm=MD5, ', ''))).not.toHaveProperty('algorithm');
  });

  test.each([
    ['nothing at all', undefined],
    ['an empty value', ''],
    ['another scheme', 'Basic cHViOnByaXY='],
    ['the scheme alone', 'Digest'],
    ['an open quote', 'Digest username="pub'],
    ['a value without a name', 'Digest "pub"'],
    ['a missing comma', HEADER.replace('"pub",', '"pub"')],
    ['a parameter given twice', `${HEADER}, NC=00000002`],
    ['no nonce count', HEADER.replace(' nc=00000001,', '')],
    ['no client nonce', HEADER.replace('cnonce="c", ', '')],
  ])('is refused when it is %s', (_, header) => {
    expect(parseAuthorization(header)).toBeUndefined();
  });

  test('gives back any user name and target that was quoted into it', () => {
    assert(
      property(string(), string(), (username, uri) => {
        const header = `Digest username=${quote(username)}, realm="r", nonce="n", uri=${quote(uri)}, cnonce="c", nc=00000001, response="x", qop=auth`;
        expect(parseAuthorization(header)).toMatchObject({ username, uri });
      }),
    );
  });

  test('never throws, whatever is sent', () => {
    assert(
      property(string(), (text) => {
        expect(() => parseAuthorization(`Digest ${text}`)).not.toThrow();
      }),
    );
  });
});

test.each([
  ['00000001', 1],
  ['0000000a', 10],
  ['FFFFFFFF', 0xff_ff_ff_ff],
  ['1', undefined],
  ['000000001', undefined],
  ['0000000g', undefined],
  ['-0000001', undefined],
])('a nonce count of %s reads as %s', (nc, expected) => {
  expect(parseNonceCount(nc)).toBe(expected);
});

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
