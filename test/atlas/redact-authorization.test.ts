import { expect, test } from 'vitest';
import { withoutAuthorization } from '../../src/atlas/client.ts';

const digest =
  'Digest username="abcdefgh",realm="MMS Public API",nonce="Nfx+VMFO0sY4",uri="/api",qop=auth,response="6629fae49393a053",nc=00000001,cnonce="0a4f113b"';

test.each([
  ['a whole digest', digest, `you sent ${digest}!`, 'you sent [redacted]!'],
  ['a digest without its scheme', digest, digest.slice('Digest '.length), '[redacted]'],
  [
    'its parts',
    digest,
    'nonce Nfx+VMFO0sY4 gave 6629fae49393a053 with 0a4f113b',
    'nonce [redacted] gave [redacted] with [redacted]',
  ],
  ['a token', 'Bearer eyJhbGciOi', 'bad token eyJhbGciOi', 'bad token [redacted]'],
  ['nothing of it', digest, '{"status":"WORKING"}', '{"status":"WORKING"}'],
])('a reply that quotes %s is clean', (_, authorization, text, clean) => {
  expect(withoutAuthorization(text, authorization)).toBe(clean);
});
