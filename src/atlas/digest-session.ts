import { randomUUID } from 'node:crypto';
import { AtlasError } from './atlas-error.ts';
import {
  type DigestChallenge,
  parseChallenges,
  parseDigestChallenge,
  parseParameters,
  saysStale,
} from './auth-challenge.ts';
import type { Authenticator, Send, SignedRequest } from './authenticator.ts';
import { createDigestSigner, type DigestCredentials, type DigestSigner } from './digest-signer.ts';
import { quote } from './quote.ts';
import { type HttpReply, headerValue } from './transport.ts';

/** A challenge in use. `count`: requests signed with its nonce; `accepted`: those that were not refused. */
interface NonceUse {
  readonly challenge: DigestChallenge;
  readonly sign: DigestSigner;
  count: number;
  accepted: number;
}

/** After this many requests with one-time nonces, the session tries to reuse a nonce again. */
const oneTimeNonceRequests = 100;

/**
 * HTTP Digest for any number of concurrent requests (RFC 7616).
 *
 * - **No nonce**: one caller fetches a challenge, and the others wait for it.
 * - **Shared nonce**: all requests use the current nonce, each with its own nonce count. After a 401 with a new nonce,
 *   the request is signed once more with that nonce; a second 401 is a refusal,
 *   unless the server calls that nonce stale as well.
 * - **One-time nonces**: a server may accept each nonce only once. It does so if it calls a nonce stale that at most
 *   one request has used successfully. Each of the next requests then fetches its own challenge.
 */
export class DigestSession implements Authenticator {
  readonly #credentials: DigestCredentials;
  #current: NonceUse | undefined;
  /** The latest challenge, because a server may give the same nonce to several requests. */
  #latest: NonceUse | undefined;
  #oneTimeNonceRequestsLeft = 0;
  #challenging: Promise<HttpReply> | undefined;

  constructor(credentials: DigestCredentials) {
    this.#credentials = credentials;
  }

  /** Returns the reply to the signed request. A 401 means that Atlas refused the key, or calls every nonce stale. */
  async perform(request: SignedRequest, send: Send): Promise<HttpReply> {
    if (this.#oneTimeNonceRequestsLeft > 0) return await this.#performWithOwnChallenge(request, send);
    const unsigned = this.#current === undefined ? await this.#challenge(send) : undefined;
    if (unsigned !== undefined && unsigned.status !== 401) return unsigned;

    const used = this.#use();
    const reply = await this.#sendSigned(used, request, send);
    if (reply.status === 401 && saysStale(reply) && used.accepted <= 1)
      return await this.#switchToOneTimeNonces(used, reply, request, send);
    if (reply.status !== 401 || !this.#renewed(used, reply)) return reply;
    // The nonce was fetched in this call, so a 401 refuses the key, unless the server calls the nonce stale.
    if (unsigned !== undefined && !saysStale(reply)) return reply;

    const renewed = this.#use();
    const second = await this.#sendSigned(renewed, request, send);
    if (second.status === 401) this.#renewed(renewed, second);
    return second;
  }

  /** Signs once more with the nonce of the refusal, which no other request shares. */
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

  /** Fetches a challenge. If another caller is fetching one, waits for that and returns undefined. */
  async #challenge(send: Send): Promise<HttpReply | undefined> {
    while (this.#challenging !== undefined) {
      const answered = await this.#challenging.then(() => true, isFault);
      if (this.#current !== undefined) return undefined;
      // The server asked for no digest or failed, so the waiting callers ask in parallel: its reply to this request
      // may differ. If the caller was canceled, one other takes its place, and the rest wait.
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
    const reply = await send(used.sign(method, uri, used.count, randomUUID().replaceAll('-', '')));
    if (reply.status !== 401) used.accepted += 1;
    const nextNonce = parseParameters(headerValue(reply, 'authentication-info') ?? '').get('nextnonce');
    if (nextNonce !== undefined && used === this.#current)
      this.#current = this.#begin({ ...used.challenge, nonce: nextNonce });
    return reply;
  }

  /** Returns whether this 401 leaves a nonce other than the used one to sign with. */
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
  const offered = quote(reply, asked.join(', '), 100) ?? 'nothing';
  throw new AtlasError({
    kind: 'unauthorized',
    httpStatus: 401,
    unknownChallenge: offered,
    detail: `HTTP 401 without a Digest challenge that can be answered (MD5 or SHA-256, qop auth); offered: ${offered}`,
  });
}
