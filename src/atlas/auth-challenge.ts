import { type HttpReply, headerValue } from './transport.ts';

/** One challenge of a `WWW-Authenticate` header: its scheme in lower case, and its parameters by lower-case name. */
export interface AuthChallenge {
  readonly scheme: string;
  readonly params: ReadonlyMap<string, string>;
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+(?=[\s,]|$)/;
const parameter = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)(?=[\s,]|$))/;

/**
 * Splits a `WWW-Authenticate` header into its challenges, in order. A header may carry several. Commas separate
 * both challenges and parameters (RFC 9110 §11.6.1), so this reads token by token. The list ends at the first
 * malformed token.
 */
export function parseChallenges(header: string): AuthChallenge[] {
  const challenges: { scheme: string; params: Map<string, string> }[] = [];
  let rest = header;
  for (;;) {
    rest = rest.replace(/^[\s,]+/, '');
    if (rest === '') return challenges;
    const current = challenges.at(-1);
    const pair = current && parameter.exec(rest);
    if (pair) {
      addParameter(current.params, pair);
      rest = rest.slice(pair[0].length);
      continue;
    }
    const scheme = token.exec(rest)?.[0];
    if (scheme === undefined) return challenges;
    challenges.push({ scheme: scheme.toLowerCase(), params: new Map() });
    rest = rest.slice(scheme.length);
  }
}

/** Reads the parameters of a header without a scheme, such as `Authentication-Info` (RFC 7616 §3.5). */
export function parseParameters(header: string): ReadonlyMap<string, string> {
  return parseChallenges(`info ${header}`)[0]?.params ?? new Map();
}

function addParameter(params: Map<string, string>, [, name = '', quoted, bare]: RegExpExecArray): void {
  const key = name.toLowerCase();
  // The first of two equal names wins: the second can only be a fault or an attack.
  if (!params.has(key)) params.set(key, quoted?.replaceAll(/\\(.)/g, '$1') ?? bare ?? '');
}

/** A Digest challenge that this client can answer (RFC 7616 §3.3). */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly algorithm: 'MD5' | 'SHA-256';
  /** Undefined if the server uses the older RFC 2069, without a quality of protection. */
  readonly qop: 'auth' | undefined;
  readonly opaque: string | undefined;
}

/**
 * Returns the first Digest challenge of a `WWW-Authenticate` header with a supported algorithm and `qop`, or
 * undefined. The server lists challenges in order of preference (RFC 7616 §3.7).
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

/** Returns whether a 401 rejects only the nonce and not the key (`stale`, RFC 7616 §3.3). */
export function saysStale(reply: HttpReply): boolean {
  const challenges = parseChallenges(headerValue(reply, 'www-authenticate') ?? '');
  return challenges.some(({ params }) => params.get('stale')?.toLowerCase() === 'true');
}
