import { untilAborted } from './abort.ts';
import { type AccessToken, parseTokenReply, tokenPhase } from './access-token.ts';
import { AtlasError } from './atlas-error.ts';
import type { Authenticator, Send, SignedRequest } from './authenticator.ts';
import { classifyTokenReply } from './classify-token-reply.ts';
import {
  afterFailure,
  afterSending,
  type TokenThrottle,
  tokenWaitMs,
  unthrottled,
} from './token-throttle.ts';
import type { HttpReply, Transport } from './transport.ts';

const closeTimeoutMs = 2_000;
/** For this time after a resource was refused with a new token, its refusals are not blamed on the token. */
const refusalMemoryMs = 600_000;

interface ServiceAccountCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface ServiceAccountSessionOptions {
  readonly credentials: ServiceAccountCredentials;
  readonly transport: Pick<Transport, 'postForm'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Called with every access token before its first use. Returns a function that forgets the token again. */
  readonly registerSecret: (secret: string) => () => void;
}

/**
 * OAuth 2.0 client credentials for any number of concurrent requests (RFC 6749 §4.4).
 *
 * - **No token**: one caller requests a token, and the others wait for it.
 * - **Valid**: all requests use the same token.
 * - **Refresh due**, in its last minute: requests still use the token, and a new one is requested in the background.
 *
 * A 401 renews the token once; a second 401 is a refusal.
 */
export class ServiceAccountSession implements Authenticator {
  readonly credential = 'serviceAccount';
  readonly #options: ServiceAccountSessionOptions;
  readonly #closing = new AbortController();
  /** When each resource was refused with a token that was new. */
  readonly #refusedAt = new Map<string, number>();
  #token: AccessToken | undefined;
  /** The token before, which may still be valid for a minute. */
  #former: AccessToken | undefined;
  #renewal: Promise<AccessToken> | undefined;
  #throttle: TokenThrottle = unthrottled;
  /** Functions that forget the latest token and the one before, which running requests may still use. */
  #forget: (() => void)[] = [];

  constructor(options: ServiceAccountSessionOptions) {
    this.#options = options;
  }

  /** Returns the reply to the request with a bearer token. A 401 means that Atlas refused the service account. */
  async perform({ uri }: SignedRequest, send: Send, signal: AbortSignal): Promise<HttpReply> {
    const { token, isNew } = await this.#obtain(signal);
    const reply = await send(`Bearer ${token.value}`);
    // Otherwise each poll of a project without access would renew the token that all projects share.
    if (isNew || reply.status !== 401 || this.#wasRefused(uri)) return this.#remember(uri, reply);
    if (this.#token === token) this.#token = undefined;
    const { token: renewed } = await this.#obtain(signal);
    return this.#remember(uri, await send(`Bearer ${renewed.value}`));
  }

  /**
   * Revokes the token, the one before, and one that is being requested, within 2 s. Failures are ignored, because
   * tokens expire by themselves.
   */
  async close(): Promise<void> {
    const inTime = AbortSignal.timeout(closeTimeoutMs);
    const cutOff = setTimeout(() => this.#closing.abort(), closeTimeoutMs / 2);
    await this.#renewal?.catch(() => {});
    clearTimeout(cutOff);
    this.#closing.abort();
    const tokens = new Set([this.#former, this.#token].filter((token) => token !== undefined));
    this.#token = undefined;
    await Promise.all([...tokens].map((token) => this.#revoke(token, inTime)));
  }

  async #revoke(token: AccessToken, signal: AbortSignal): Promise<void> {
    if (tokenPhase(token, this.#options.now()) === 'expired') return;
    const fields = { token: token.value, token_type_hint: 'access_token' };
    await this.#post('/api/oauth/revoke', fields, signal).catch(() => {});
  }

  async #obtain(signal: AbortSignal): Promise<{ readonly token: AccessToken; readonly isNew: boolean }> {
    const token = this.#token;
    const phase = token === undefined ? 'expired' : tokenPhase(token, this.#options.now());
    if (token === undefined || phase === 'expired') {
      return { token: await untilAborted(this.#renew(), signal), isNew: true };
    }
    // A failure does no harm yet: the token is still valid, and the next caller tries again.
    if (phase === 'refresh-due') this.#renew().catch(() => {});
    return { token, isNew: false };
  }

  #renew(): Promise<AccessToken> {
    this.#renewal ??= this.#request().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #request(): Promise<AccessToken> {
    const { now, registerSecret } = this.#options;
    const askedAt = now();
    const waitMs = tokenWaitMs(this.#throttle, askedAt);
    if (waitMs > 0) throw failureAgain(this.#throttle, waitMs);
    this.#throttle = afterSending(this.#throttle, askedAt);
    try {
      const fields = { grant_type: 'client_credentials' };
      const reply = await this.#post('/api/oauth/token', fields, this.#closing.signal);
      if (reply.status !== 200) throw classifyTokenReply(reply, now());
      const token = parseTokenReply(reply.body, askedAt);
      this.#forget.push(registerSecret(token.value));
      if (this.#forget.length > 2) this.#forget.shift()?.();
      this.#former = this.#token;
      this.#token = token;
      return token;
    } catch (error) {
      if (error instanceof AtlasError) this.#throttle = afterFailure(this.#throttle, error, now());
      throw error;
    }
  }

  #post(path: string, fields: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpReply> {
    const { credentials, transport } = this.#options;
    const login = Buffer.from(`${credentials.clientId}:${credentials.clientSecret}`).toString('base64');
    const headers = { accept: 'application/json', authorization: `Basic ${login}` };
    return transport.postForm(path, fields, headers, signal);
  }

  #wasRefused(uri: string): boolean {
    const refusedAt = this.#refusedAt.get(uri);
    return refusedAt !== undefined && Math.abs(this.#options.now() - refusedAt) < refusalMemoryMs;
  }

  /** Remembers whether a resource is refused although the token is new. */
  #remember(uri: string, reply: HttpReply): HttpReply {
    if (reply.status !== 401) this.#refusedAt.delete(uri);
    else if (!this.#wasRefused(uri)) this.#refusedAt.set(uri, this.#options.now());
    return reply;
  }
}

/** Returns the last failure again, with the rest of the pause that Atlas asked for. */
function failureAgain({ failure }: TokenThrottle, waitMs: number): AtlasError {
  if (failure === undefined) return tooManyRequests(waitMs);
  return failure.error.retryAfterMs === undefined ? failure.error : failure.error.withRetryAfter(waitMs);
}

function tooManyRequests(waitMs: number): AtlasError {
  return new AtlasError({
    kind: 'rate_limited',
    credential: 'serviceAccount',
    signingIn: true,
    retryAfterMs: waitMs,
    detail: 'No access token: 10 were requested within a minute, which is the limit of Atlas.',
  });
}
