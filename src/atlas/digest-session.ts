import { randomUUID } from 'node:crypto';
import { AtlasError } from './atlas-error.ts';
import { parseChallenges, parseParameters } from './auth-params.ts';
import type { Authenticator, Send, SignedRequest } from './authenticator.ts';
import { cleanText } from './clean-text.ts';
import { type DigestChallenge, parseDigestChallenge, saysStale } from './digest-challenge.ts';
import { createDigestSigner, type DigestCredentials, type DigestSigner } from './digest-signer.ts';
import { type HttpReply, headerValue } from './http-reply.ts';

/** A challenge being answered, how many requests have been signed with its nonce, and how many of them let in. */
interface NonceUse {
  readonly challenge: DigestChallenge;
  readonly sign: DigestSigner;
  count: number;
  accepted: number;
}

/** For so many requests a server is taken to want a nonce for each; then it is tried anew. */
const oneTimeNonceRequests = 100;

/**
 * HTTP Digest for any number of concurrent requests (RFC 7616). One session holds one nonce at a time and
 * gives every request a nonce count of its own. While no nonce is known, one caller fetches the challenge and
 * the others wait for it. A 401 that carries a new nonce is signed again once; the next 401 is a refusal.
 *
 * A server may take each nonce once only. It is known by calling a nonce stale that let in one request at most;
 * from then on every request asks for a challenge of its own, so that none uses up the nonce of another.
 */
export class DigestSession implements Authenticator {
  readonly #credentials: DigestCredentials;
  readonly #newCnonce: () => string;
  #current: NonceUse | undefined;
  /** The one begun last, for a server that gives the same nonce to several. */
  #latest: NonceUse | undefined;
  #oneTimeNonceRequestsLeft = 0;
  #challenging: Promise<HttpReply> | undefined;

  constructor(credentials: DigestCredentials, newCnonce = () => randomUUID().replaceAll('-', '')) {
    this.#credentials = credentials;
    this.#newCnonce = newCnonce;
  }

  /** Returns the reply to the signed request; a 401 is a refusal of the key. */
  async perform(request: SignedRequest, send: Send): Promise<HttpReply> {
    if (this.#oneTimeNonceRequestsLeft > 0) return await this.#performWithOwnChallenge(request, send);
    const unsigned = this.#current === undefined ? await this.#challenge(send) : undefined;
    if (unsigned !== undefined && unsigned.status !== 401) return unsigned;

    const used = this.#use();
    const reply = await this.#sendSigned(used, request, send);
    if (reply.status === 401 && saysStale(reply) && used.accepted <= 1)
      return await this.#switchToOneTimeNonces(used, reply, request, send);
    if (reply.status !== 401 || !this.#renewed(used, reply)) return reply;
    // Challenged in this very call, the key is refused unless the server itself blames the nonce.
    if (unsigned !== undefined && !saysStale(reply)) return reply;

    const renewed = this.#use();
    const second = await this.#sendSigned(renewed, request, send);
    if (second.status === 401) this.#renewed(renewed, second);
    return second;
  }

  /** Signs once more, with the nonce of the refusal itself and not with one that others share. */
  async #switchToOneTimeNonces(
    used: NonceUse,
    stale: HttpReply,
    request: SignedRequest,
    send: Send,
  ): Promise<HttpReply> {
    this.#oneTimeNonceRequestsLeft = oneTimeNonceRequests;
    if (used === this.#current) this.#current = undefined;
    return await this.#sendSigned(this.#begin(usableChallenge(stale)), request, send);
  }

  async #performWithOwnChallenge(request: SignedRequest, send: Send): Promise<HttpReply> {
    this.#oneTimeNonceRequestsLeft -= 1;
    const unsigned = await send(undefined);
    if (unsigned.status !== 401) return unsigned;
    return await this.#sendSigned(this.#begin(usableChallenge(unsigned)), request, send);
  }

  /** Sends without a signature, unless another caller is doing so: then waits for that one's challenge. */
  async #challenge(send: Send): Promise<HttpReply | undefined> {
    while (this.#challenging !== undefined) {
      const answered = await this.#challenging.then(() => true, isFault);
      if (this.#current !== undefined) return undefined;
      // A server that asks for nothing, or is in trouble, need not be asked in turns: its fault with one request
      // may not be its fault with ours. After a cancelled caller one other takes its place, and the rest wait.
      if (answered) break;
    }
    const asked = this.#ask(send);
    this.#challenging ??= asked;
    try {
      return await asked;
    } finally {
      if (this.#challenging === asked) this.#challenging = undefined;
    }
  }

  async #ask(send: Send): Promise<HttpReply> {
    const reply = await send(undefined);
    if (reply.status === 401) this.#current = this.#begin(usableChallenge(reply));
    return reply;
  }

  #use(): NonceUse {
    if (this.#current === undefined) throw new Error('a digest request was signed before any challenge');
    return this.#current;
  }

  async #sendSigned(used: NonceUse, { method, uri }: SignedRequest, send: Send): Promise<HttpReply> {
    used.count += 1;
    const reply = await send(used.sign(method, uri, used.count, this.#newCnonce()));
    if (reply.status !== 401) used.accepted += 1;
    const nextNonce = parseParameters(headerValue(reply, 'authentication-info') ?? '').get('nextnonce');
    if (nextNonce !== undefined && used === this.#current)
      this.#current = this.#begin({ ...used.challenge, nonce: nextNonce });
    return reply;
  }

  /** Returns whether, after this 401, there is another nonce to sign with than the one used. */
  #renewed(used: NonceUse, reply: HttpReply): boolean {
    if (this.#current !== undefined && used !== this.#current) return true;
    const challenge = usableChallenge(reply);
    if (challenge.nonce === used.challenge.nonce) return false;
    this.#current = this.#begin(challenge);
    return true;
  }

  #begin(challenge: DigestChallenge): NonceUse {
    if (this.#latest?.challenge.nonce === challenge.nonce) return this.#latest;
    const sign = createDigestSigner(challenge, this.#credentials);
    this.#latest = { challenge, sign, count: 0, accepted: 0 };
    return this.#latest;
  }
}

function isFault(error: unknown): boolean {
  return error instanceof AtlasError;
}

function usableChallenge(reply: HttpReply): DigestChallenge {
  const header = headerValue(reply, 'www-authenticate') ?? '';
  const challenge = parseDigestChallenge(header);
  if (challenge !== undefined) return challenge;
  const asked = parseChallenges(header).map(({ scheme, params }) =>
    `${scheme} ${params.get('algorithm') ?? ''}`.trim(),
  );
  const offered = cleanText(asked.join(', ') || 'nothing', 100);
  throw new AtlasError({
    kind: 'unauthorized',
    httpStatus: 401,
    unknownChallenge: offered,
    detail: `HTTP 401 without a Digest challenge that can be answered (MD5 or SHA-256, qop auth); offered: ${offered}`,
  });
}
