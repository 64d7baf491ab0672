import type { DigestAuthorization } from './authorization-header.ts';
import { type Credentials, type DigestAlgorithm, verifyDigest } from './digest-verifier.ts';
import type { NonceStore } from './nonce-store.ts';

/** The realm in Atlas's challenge. */
const REALM = 'MMS Public API';

export type Admission =
  | { readonly kind: 'admitted' }
  /** `stale`: the key is valid, and only the nonce must be replaced (RFC 7616 §3.3). */
  | { readonly kind: 'refused'; readonly stale: boolean };

type SignedRequest = {
  readonly method: string;
  readonly target: string;
  readonly authorization: DigestAuthorization | undefined;
};

/** Authenticates requests. It holds the accepted key and the issued nonces. */
export class DigestAuthenticator {
  readonly #credentials: Credentials;
  readonly #algorithm: DigestAlgorithm;
  readonly #nonces: NonceStore;

  constructor(credentials: Credentials, algorithm: DigestAlgorithm, nonces: NonceStore) {
    this.#credentials = credentials;
    this.#algorithm = algorithm;
    this.#nonces = nonces;
  }

  /** Checks the signature first, so that a forged request cannot spend a nonce count. */
  admit({ method, target, authorization }: SignedRequest, now: number): Admission {
    if (authorization === undefined) {
      return { kind: 'refused', stale: false };
    }
    const expected = {
      credentials: this.#credentials,
      algorithm: this.#algorithm,
      realm: REALM,
      method,
      target,
    };
    const signature = verifyDigest(authorization, expected);
    if (signature.kind === 'invalid') {
      return { kind: 'refused', stale: false };
    }
    const verdict = this.#nonces.spend(authorization.nonce, signature.nonceCount, now);
    return verdict.kind === 'fresh'
      ? { kind: 'admitted' }
      : { kind: 'refused', stale: verdict.kind !== 'replayed' };
  }

  /** Returns a `Www-Authenticate` value with a new nonce, in the shape Atlas sends. */
  challenge(stale: boolean, now: number): string {
    const nonce = this.#nonces.issue(now);
    return `Digest realm="${REALM}", domain="", nonce="${nonce}", algorithm=${this.#algorithm}, qop="auth", stale=${stale}`;
  }

  /** Returns an `Authentication-Info` value with the next nonce for the client (RFC 7616 §3.5). */
  authenticationInfo(now: number): string {
    return `nextnonce="${this.#nonces.issue(now)}"`;
  }
}
