import { describe, expect, test } from 'vitest';
import { quote, withoutAuthorization } from '../../src/atlas/quote.ts';

const digest =
  'Digest username="abcdefgh",realm="MMS Public API",nonce="Nfx+VMFO0sY4",uri="/api",qop=auth,response="6629fae49393a05397450978507c4ef1",nc=00000001,cnonce="0a4f113b"';
const basic = `Basic ${Buffer.from('mdb_sa_id_1:mdb_sa_sk_??>>').toString('base64')}`;

test.each([
  ['a whole digest', digest, `you sent ${digest}!`, 'you sent [redacted]!'],
  ['a digest without its scheme', digest, digest.slice('Digest '.length), '[redacted]'],
  ['a digest in JSON', digest, JSON.stringify(JSON.stringify({ digest })), /^"\{\\"digest/],
  ['a digest that is percent-encoded', digest, encodeURIComponent(digest), '[redacted]'],
  [
    'its proof, and a nonce that everybody may know',
    digest,
    'nonce Nfx+VMFO0sY4 gave 6629fae49393a05397450978507c4ef1',
    'nonce Nfx+VMFO0sY4 gave [redacted]',
  ],
  [
    'the proof of another request',
    undefined,
    'Digest response="0123456789abcdef0123456789ABCDEF", nc=1; response=%220123456789abcdef0123456789abcdef%22',
    'Digest response="[redacted]", nc=1; response=%22[redacted]%22',
  ],
  ['a token', 'Bearer eyJhbGciOi', 'bad token eyJhbGciOi', 'bad token [redacted]'],
  ['a login', basic, `<${basic.slice(6)}> ${encodeURIComponent(basic.slice(6))}`, '<[redacted]> [redacted]'],
  ['nothing of it', digest, '{"status":"WORKING"}', '{"status":"WORKING"}'],
])('a reply that quotes %s is clean', (_, authorization, text, clean) => {
  const redacted = withoutAuthorization(authorization)(text);
  if (typeof clean === 'string') expect(redacted).toBe(clean);
  else expect(redacted).toMatch(clean);
  expect(redacted).not.toMatch(/6629fae49393a053|0123456789abcdef/i);
});

function redact(text: string): string {
  return text.replaceAll('secret-0123456789', '[redacted]');
}

describe('quoted text', () => {
  test('is redacted whole, before it is cut', () => {
    for (let before = 0; before < 120; before += 1) {
      const text = `${'y'.repeat(before)}secret-0123456789${'z'.repeat(200)}`;
      expect(quote({ redact }, text, 100)).not.toMatch(/secret|0123/);
    }
  });

  test('is one line of the given length', () => {
    expect(quote({}, ' a\n\u001B[31mb ', 100)).toBe('a [31mb');
    expect(quote({}, 'x'.repeat(1000), 40)).toHaveLength(40);
  });

  test.each([undefined, '', ' \n', '\u200B\u2060'])('is absent if nothing is left of %j', (text) => {
    expect(quote({}, text, 100)).toBeUndefined();
  });
});
