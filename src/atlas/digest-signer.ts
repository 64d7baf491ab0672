import { DigestClient } from 'digest-fetch';
import type { DigestChallenge } from './digest-challenge.ts';

export interface DigestCredentials {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** Signs one request: `nonceCount` is its ordinal under this nonce (from 1), `cnonce` the client's own nonce. */
export type DigestSigner = (method: string, uri: string, nonceCount: number, cnonce: string) => string;

/**
 * Returns a signer for one challenge. The header arithmetic is digest-fetch's (RFC 7616 §3.4); its nonce count
 * (decimal there, hexadecimal in the RFC), its client nonce and its reading of the challenge are not used.
 */
export function createDigestSigner(challenge: DigestChallenge, credentials: DigestCredentials): DigestSigner {
  const { realm, nonce, algorithm, qop } = challenge;
  const client = new DigestClient(credentials.publicKey, credentials.privateKey, { algorithm });
  const opaque = challenge.opaque ?? null;
  return (method, uri, nonceCount, cnonce) => {
    const nc = nonceCount.toString(16).padStart(8, '0');
    const digest = { scheme: 'Digest', realm, nonce, algorithm, qop: qop ?? null, opaque, nc, cnonce };
    Object.assign(client, { hasAuth: true, digest });
    // digest-fetch takes the path from what follows the first double slash, so it needs some origin before it.
    const signed = client.addAuth(`http://origin${uri}`, { method, headers: {} });
    const header = escapeQuoted(String(signed.headers.Authorization), {
      username: credentials.publicKey,
      realm,
      nonce,
      opaque: opaque ?? '',
    });
    // Without a qop neither may be sent (RFC 2617 §3.2.2), but digest-fetch always appends them.
    return qop === undefined ? header.replace(/,nc=[0-9a-f]{8},cnonce="[^"]*"$/, '') : header;
  };
}

/** Escapes what digest-fetch puts between quotes as it is; the hashes cover it unescaped (RFC 7616 §3.4). */
function escapeQuoted(header: string, values: Readonly<Record<string, string>>): string {
  let escaped = header;
  for (const [name, value] of Object.entries(values)) {
    const quoted = value.replaceAll(/["\\]/g, String.raw`\$&`);
    escaped = escaped.replace(`${name}="${value}"`, () => `${name}="${quoted}"`);
  }
  return escaped;
}
