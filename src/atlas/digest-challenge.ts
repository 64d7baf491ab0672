import { parseChallenges } from './auth-params.ts';
import { type HttpReply, headerValue } from './http-reply.ts';

/** A Digest challenge that this client can answer (RFC 7616 §3.3). */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly algorithm: 'MD5' | 'SHA-256';
  /** Undefined when the server speaks the older RFC 2069, without a quality of protection. */
  readonly qop: 'auth' | undefined;
  readonly opaque: string | undefined;
}

/**
 * Returns the first challenge of a `WWW-Authenticate` header that is Digest with an algorithm and a `qop` we
 * can compute, or undefined. The server lists them in its order of preference (RFC 7616 §3.7).
 */
export function parseDigestChallenge(header: string): DigestChallenge | undefined {
  for (const { scheme, params } of parseChallenges(header)) {
    const nonce = params.get('nonce');
    const algorithm = algorithmOf(params.get('algorithm'));
    const qops = params
      .get('qop')
      ?.toLowerCase()
      .split(/[\s,]+/);
    if (scheme !== 'digest' || nonce === undefined || algorithm === undefined) continue;
    if (qops !== undefined && !qops.includes('auth')) continue;
    const qop = qops === undefined ? undefined : 'auth';
    return { realm: params.get('realm') ?? '', nonce, algorithm, qop, opaque: params.get('opaque') };
  }
  return undefined;
}

function algorithmOf(name = 'MD5'): DigestChallenge['algorithm'] | undefined {
  const algorithms = ['MD5', 'SHA-256'] as const;
  return algorithms.find((algorithm) => algorithm === name.toUpperCase());
}

/** Returns whether a 401 blames the nonce and not the digest (`stale`, RFC 7616 §3.3). */
export function saysStale(reply: HttpReply): boolean {
  const challenges = parseChallenges(headerValue(reply, 'www-authenticate') ?? '');
  return challenges.some(({ params }) => params.get('stale')?.toLowerCase() === 'true');
}
