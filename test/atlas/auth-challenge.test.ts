import {
  array,
  assert,
  constantFrom,
  dictionary,
  property,
  record,
  string,
  stringMatching,
} from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseChallenges, parseParameters } from '../../src/atlas/auth-challenge.ts';

/** Challenges as plain data, to compare. */
function read(header: string) {
  return parseChallenges(header).map(({ scheme, params }) => [scheme, Object.fromEntries(params)]);
}

describe('a WWW-Authenticate header', () => {
  test('of Atlas is read parameter by parameter', () => {
    const header =
      'Digest realm="MMS Public API", domain="", nonce="Nfx+VMFO0sY4tpgy1sHRakvvv0NN4S91", algorithm=MD5, qop="auth", stale=false';
    expect(read(header)).toEqual([
      [
        'digest',
        {
          realm: 'MMS Public API',
          domain: '',
          nonce: 'Nfx+VMFO0sY4tpgy1sHRakvvv0NN4S91',
          algorithm: 'MD5',
          qop: 'auth',
          stale: 'false',
        },
      ],
    ]);
  });

  test.each<[string, string, ReturnType<typeof read>]>([
    ['nothing', '', []],
    ['commas only', ' , ,, ', []],
    ['a scheme alone', 'Negotiate', [['negotiate', {}]]],
    [
      'two challenges',
      'Basic realm="x", Digest realm="y", nonce="n"',
      [
        ['basic', { realm: 'x' }],
        ['digest', { realm: 'y', nonce: 'n' }],
      ],
    ],
    [
      'a bare scheme before another',
      'Negotiate, Digest nonce=n',
      [
        ['negotiate', {}],
        ['digest', { nonce: 'n' }],
      ],
    ],
    [
      'a token with padding before another',
      'Negotiate YII==, Digest nonce=n',
      [
        ['negotiate', { yii: '=' }],
        ['digest', { nonce: 'n' }],
      ],
    ],
    [
      'names that end in another name',
      'Digest xnonce="a", nonce="b", cnonce="c"',
      [['digest', { xnonce: 'a', nonce: 'b', cnonce: 'c' }]],
    ],
    [
      'commas and equals signs in quotes',
      'Digest realm="a, nonce=b", nonce="c"',
      [['digest', { realm: 'a, nonce=b', nonce: 'c' }]],
    ],
    [
      'escapes in quotes',
      String.raw`Digest realm="a \"b\" \\ c", nonce="d"`,
      [['digest', { realm: String.raw`a "b" \ c`, nonce: 'd' }]],
    ],
    [
      'spaces around the equals sign, no space after commas, any case',
      'DIGEST Realm = "x",NONCE\t=n',
      [['digest', { realm: 'x', nonce: 'n' }]],
    ],
    [
      'the same name twice, of which the first counts',
      'Digest nonce=a, Nonce=b',
      [['digest', { nonce: 'a' }]],
    ],
    ['what cannot be read after what can', 'Digest nonce=a, "b', [['digest', { nonce: 'a' }]]],
    ['a quote that never ends', 'Digest realm="x", nonce="abc', [['digest', { realm: 'x' }]]],
    ['a parameter without a scheme', '="x"', []],
  ])('with %s is read so', (_, header, expected) => {
    expect(read(header)).toEqual(expected);
  });

  test('gives back any challenges that were written into it', () => {
    const name = stringMatching(/^[a-z][a-z0-9-]{0,8}$/).filter((word) => word !== '__proto__');
    const challenge = record({
      scheme: constantFrom('basic', 'digest', 'bearer'),
      params: dictionary(name, string()),
    });
    assert(
      property(array(challenge), (challenges) => {
        const header = challenges.map(({ scheme, params }) => `${scheme} ${written(params)}`).join(', ');
        const parsed = parseChallenges(header.replaceAll('\n', ' ').replaceAll('\r', ' '));
        const expected = challenges.map(({ scheme, params }) => ({ scheme, params: { ...params } }));
        expect(parsed.map(({ scheme, params }) => ({ scheme, params: Object.fromEntries(params) }))).toEqual(
          expected,
        );
      }),
    );
  });

  test('of any text is read without a fault', () => {
    const text = string({ unit: constantFrom('a', 'nonce', '=', '"', '\\', ',', ' ', '/', '\t', 'ü') });
    assert(
      property(text, (header) => {
        for (const { scheme, params } of parseChallenges(header)) {
          expect(header.toLowerCase()).toContain(scheme);
          for (const name of params.keys()) expect(header.toLowerCase()).toContain(name);
        }
      }),
    );
  });
});

describe('an Authentication-Info header', () => {
  test.each([
    ['nextnonce="a+b/c=="', 'a+b/c=='],
    ['qop=auth, rspauth="x", nextnonce=abc, nc=00000001', 'abc'],
    ['xnextnonce=abc', undefined],
    ['', undefined],
  ])('%j names the next nonce %j', (header, nextNonce) => {
    expect(parseParameters(header).get('nextnonce')).toBe(nextNonce);
  });
});

function written(params: Readonly<Record<string, string>>): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}="${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`)
    .join(', ');
}
