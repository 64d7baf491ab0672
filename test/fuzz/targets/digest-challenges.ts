import { AtlasError } from '../../../src/atlas/atlas-error.ts';
import { DigestSession } from '../../../src/atlas/digest-session.ts';
import type { HttpReply } from '../../../src/atlas/transport.ts';
import { demand, type Target } from '../target.ts';

const atlas =
  'Digest realm="MMS Public API", domain="", nonce="zGsEQAPnE5y3", algorithm=MD5, qop="auth", stale=false';
const request = { method: 'GET', uri: '/api/atlas/v1.0/groups/1/liveMigrations/2' } as const;
const credentials = { publicKey: 'abcdefgh', privateKey: 's3cr3t-value' };

/** Challenges of a server: an answer that can be sent and tells nothing, or an error of Atlas. */
export const target: Target = {
  corpus: [
    atlas,
    `Basic realm="x", ${atlas}`,
    'Digest realm="a, b", nonce="\\"", opaque="o", algorithm=SHA-256, qop="auth,auth-int", stale=true',
    'Negotiate, Digest nonce=abc',
    'Digest nonce="1", nextnonce="2", rspauth="3"',
  ],
  runs: [
    ['Digest a="', '\\'],
    ['a=', 'a='],
    [',', ', '],
    ['Digest ', 'Digest '],
    ['a="', '" b="'],
  ],
  tokens: [
    [
      '"',
      '\\',
      ',',
      '=',
      ' ',
      '\t',
      '\r\n',
      'Digest ',
      'nonce=',
      'realm="',
      'qop=auth',
      'qop="auth-int"',
      '\0',
    ],
    [
      'algorithm=MD5-sess',
      'algorithm=SHA-512-256',
      'stale=true',
      'charset=UTF-8',
      'userhash=true',
      '\u00fc',
      'Ж',
    ],
  ].flat(),
  open: () => ({
    async run(input) {
      // As a header arrives: bytes, and no control character, which the parser of HTTP refuses.
      const challenge = Buffer.from(input.slice(0, 16_000))
        .toString('latin1')
        .replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, ' ');
      const session = new DigestSession(credentials);
      let sent = 0;
      const send = async (authorization: string | undefined): Promise<HttpReply> => {
        sent += 1;
        if (authorization !== undefined) {
          demand(/^[\t\x20-\x7e\x80-\xff]*$/.test(authorization), 'an answer is one header');
          demand(!authorization.includes(credentials.privateKey), 'no answer holds the key');
        }
        const headers = { 'www-authenticate': challenge, 'authentication-info': challenge };
        return { status: sent % 3 === 0 ? 200 : 401, headers, body: '' };
      };
      for (let poll = 0; poll < 3; poll += 1) {
        await session.perform(request, send).catch((error: unknown) => {
          if (!(error instanceof AtlasError) || error.kind === 'internal') throw error;
        });
      }
      demand(sent < 20, 'a poll sends a few requests');
    },
  }),
};
