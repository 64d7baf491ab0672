import { hash } from 'node:crypto';
import { DigestClient } from 'digest-fetch';
import type { DigestChallenge } from './auth-challenge.ts';

export interface DigestCredentials {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** Signs one request: `nonceCount` is its number under this nonce (from 1), `cnonce` the nonce of the client. */
export type DigestSigner = (method: string, uri: string, nonceCount: number, cnonce: string) => string;

/**
 * Returns a signer for one challenge. digest-fetch computes the header (RFC 7616 §3.4). Its nonce count (decimal, but
 * hexadecimal in the RFC), its client nonce and its parser of the challenge are not used. The hash of the credentials
 * is computed once.
 *
 * Each character stands for one byte: HTTP headers are bytes (Latin-1), and the realm is hashed and sent back as the
 * bytes that came, whatever their encoding. The credentials are sent as UTF-8 (RFC 7616 §4).
 */
export function createDigestSigner(challenge: DigestChallenge, credentials: DigestCredentials): DigestSigner {
  const { realm, nonce, algorithm, qop } = challenge;
  const publicKey = utf8Bytes(credentials.publicKey);
  const privateKey = utf8Bytes(credentials.privateKey);
  const client = new DigestClient(publicKey, '', { algorithm, precomputedHash: true });
  Object.assign(client, { hashFunc: hashingOf(algorithm, client.hashFunc) });
  Object.assign(client, { password: client.computeHash(publicKey, realm, privateKey) });
  const opaque = challenge.opaque ?? null;
  const escaped = escapingOf({ username: publicKey, realm, nonce, opaque: opaque ?? '' });
  return (method, uri, nonceCount, cnonce) => {
    const nc = nonceCount.toString(16).padStart(8, '0');
    const digest = { scheme: 'Digest', realm, nonce, algorithm, qop: qop ?? null, opaque, nc, cnonce };
    Object.assign(client, { hasAuth: true, digest });
    // digest-fetch looks for the path after the first double slash, so it needs an origin.
    const signed = client.addAuth(`http://origin${uri}`, { method, headers: {} });
    const header = escaped(String(signed.headers.Authorization));
    // Without a qop neither may be sent (RFC 2617 §3.2.2), but digest-fetch always appends them.
    return qop === undefined ? header.replace(/,nc=[0-9a-f]{8},cnonce="[^"]*"$/, '') : header;
  };
}

function utf8Bytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/**
 * Returns a hash of bytes by OpenSSL, which is many times faster than digest-fetch's own; or that one if OpenSSL
 * refuses MD5 (FIPS 140).
 */
function hashingOf(
  algorithm: DigestChallenge['algorithm'],
  own: (bytes: Buffer) => string,
): (bytes: string) => string {
  const name = algorithm === 'MD5' ? 'md5' : 'sha256';
  try {
    hash(name, '');
    return (bytes) => hash(name, Buffer.from(bytes, 'latin1'));
  } catch {
    return (bytes) => own(Buffer.from(bytes, 'latin1'));
  }
}

/** Returns a function that escapes the quoted values of a header, which digest-fetch does not. The hashes use them unescaped (RFC 7616 §3.4). */
function escapingOf(values: Readonly<Record<string, string>>): (header: string) => string {
  const special = Object.entries(values).filter(([, value]) => /["\\]/.test(value));
  return (header) => {
    let escaped = header;
    for (const [name, value] of special) {
      const quoted = value.replaceAll(/["\\]/g, String.raw`\$&`);
      escaped = escaped.replace(`${name}="${value}"`, () => `${name}="${quoted}"`);
    }
    return escaped;
  };
}
