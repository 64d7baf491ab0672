import { expect, it } from 'vitest';
import { refusedSentence } from '../../src/cli/refused-sentence.ts';

it.each([
  [
    { type: 'apiKey', publicKey: 'abcdefgh', privateKey: 's3cr3t' } as const,
    'Atlas was asked with the public key ab... (from $A) and the private key from $B.',
  ],
  [
    { type: 'serviceAccount', clientId: 'mdb_sa_id_0123456789', clientSecret: 's3cr3t' } as const,
    'Atlas was asked with the client id mdb_sa_id_01... (from $A) and the client secret from $B.',
  ],
])('names the beginning of the identity and where both parts come from', (credentials, sentence) => {
  expect(refusedSentence({ credentials, sources: { identity: '$A', secret: '$B' } })).toBe(sentence);
});
