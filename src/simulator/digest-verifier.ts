import { createHash, timingSafeEqual } from 'node:crypto';
import { type DigestAuthorization, parseNonceCount } from './authorization-header.ts';

export type DigestAlgorithm = 'MD5' | 'SHA-256';

/** An Atlas API key: the public part is the user name, the private part the password. */
export type Credentials = { readonly publicKey: string; readonly privateKey: string };

/** The key and the request that a signature must match. */
export type DigestExpectation = {
  readonly credentials: Credentials;
  readonly algorithm: DigestAlgorithm;
  readonly realm: string;
  readonly method: string;
  /** The request target of the request line: path plus query. */
  readonly target: string;
};

export type DigestVerdict =
  | { readonly kind: 'valid'; readonly nonceCount: number }
  | {
      readonly kind: 'invalid';
      readonly mismatch: 'realm' | 'uri' | 'algorithm' | 'qop' | 'nc' | 'username' | 'response';
    };

const HASH_NAMES = { MD5: 'md5', 'SHA-256': 'sha256' } as const satisfies Record<DigestAlgorithm, string>;

/**
 * Returns whether a signature matches the expected key and request, by RFC 7616 §3.4.1 with `qop=auth`. It does not
 * check the nonce: `NonceStore` does.
 */
export function verifyDigest(given: DigestAuthorization, expected: DigestExpectation): DigestVerdict {
  const nonceCount = parseNonceCount(given.nc);
  if (given.realm !== expected.realm) {
    return { kind: 'invalid', mismatch: 'realm' };
  }
  if (given.uri !== expected.target) {
    return { kind: 'invalid', mismatch: 'uri' };
  }
  if ((given.algorithm ?? 'MD5').toUpperCase() !== expected.algorithm) {
    return { kind: 'invalid', mismatch: 'algorithm' };
  }
  if (given.qop !== 'auth') {
    return { kind: 'invalid', mismatch: 'qop' };
  }
  if (nonceCount === undefined) {
    return { kind: 'invalid', mismatch: 'nc' };
  }
  if (given.username !== expected.credentials.publicKey) {
    return { kind: 'invalid', mismatch: 'username' };
  }
  return equalInConstantTime(given.response, expectedResponse(given, expected))
    ? { kind: 'valid', nonceCount }
    : { kind: 'invalid', mismatch: 'response' };
}

function expectedResponse(given: DigestAuthorization, expected: DigestExpectation): string {
  const { credentials, algorithm, realm, method, target } = expected;
  const hash = (text: string) => createHash(HASH_NAMES[algorithm]).update(text, 'utf8').digest('hex');
  const ha1 = hash(`${credentials.publicKey}:${realm}:${credentials.privateKey}`);
  const ha2 = hash(`${method}:${target}`);
  return hash(`${ha1}:${given.nonce}:${given.nc}:${given.cnonce}:${given.qop}:${ha2}`);
}

/** Compares a text with a secret. The time does not depend on where they differ. */
export function equalInConstantTime(given: string, expected: string): boolean {
  const givenBytes = Buffer.from(given, 'utf8');
  const expectedBytes = Buffer.from(expected, 'utf8');
  return givenBytes.length === expectedBytes.length && timingSafeEqual(givenBytes, expectedBytes);
}
