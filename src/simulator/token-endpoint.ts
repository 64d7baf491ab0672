import { randomBytes } from 'node:crypto';
import { equalInConstantTime } from './digest-verifier.ts';
import type { Reply } from './reply.ts';

export type ServiceAccount = {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Lifetime of an access token, in ms. Default one hour. */
  readonly tokenLifetimeMs?: number;
};

/** Counts of token requests, refused ones included, and of valid tokens. */
export type TokenCounts = { readonly token: number; readonly revoke: number; readonly live: number };

type TokenRequest = {
  readonly method: string;
  readonly target: string;
  /** The `Authorization` header. */
  readonly login: string | undefined;
  readonly form: string;
};

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Atlas's limit for one service account. */
const MOST_A_MINUTE = 10;

/** The OAuth endpoints of Atlas for one service account: issues, accepts and revokes access tokens. */
export class TokenEndpoint {
  readonly #account: ServiceAccount;
  readonly #expiry = new Map<string, number>();
  readonly #askedAt: number[] = [];
  #tokenRequests = 0;
  #revokeRequests = 0;

  constructor(account: ServiceAccount) {
    this.#account = account;
  }

  counts(now: number): TokenCounts {
    const live = [...this.#expiry.values()].filter((expiresAt) => now < expiresAt).length;
    return { token: this.#tokenRequests, revoke: this.#revokeRequests, live };
  }

  /** Ends every token at once, as an administrator can. */
  revokeAll(): void {
    this.#expiry.clear();
  }

  /** Returns whether an `Authorization` header has a token that is valid now (RFC 6750 §2.1). */
  knows(authorization: string | undefined, now: number): boolean {
    const [, token = ''] = /^bearer ([\w.~+/-]+=*)$/i.exec(authorization ?? '') ?? [];
    return now < (this.#expiry.get(token) ?? 0);
  }

  /** Returns the reply to a request to an OAuth endpoint; undefined for any other path. */
  answer(request: TokenRequest, now: number): Reply | undefined {
    switch (request.target) {
      case '/api/oauth/token':
        this.#tokenRequests += 1;
        return this.#checked(request, now) ?? this.#issue(new URLSearchParams(request.form), now);
      case '/api/oauth/revoke':
        this.#revokeRequests += 1;
        return this.#checked(request) ?? this.#revoke(new URLSearchParams(request.form));
      default:
        return undefined;
    }
  }

  #checked({ method, login }: TokenRequest, now?: number): Reply | undefined {
    if (method !== 'POST')
      return oauthError(405, 'invalid_request', 'Only POST is allowed.', { Allow: 'POST' });
    if (now !== undefined && this.#isTooMuch(now)) {
      return oauthError(429, 'temporarily_unavailable', 'Too many token requests.', { 'Retry-After': '6' });
    }
    const expected = `${this.#account.clientId}:${this.#account.clientSecret}`;
    const [, encoded = ''] = /^basic ([A-Za-z0-9+/]+=*)$/i.exec(login ?? '') ?? [];
    if (equalInConstantTime(Buffer.from(encoded, 'base64').toString('utf8'), expected)) return undefined;
    return oauthError(401, 'invalid_client', 'The client could not be authenticated.', {
      'Www-Authenticate': 'Basic realm="MMS Public API"',
    });
  }

  #isTooMuch(now: number): boolean {
    while (now - (this.#askedAt[0] ?? now) >= MINUTE_MS) this.#askedAt.shift();
    this.#askedAt.push(now);
    return this.#askedAt.length > MOST_A_MINUTE;
  }

  #issue(form: URLSearchParams, now: number): Reply {
    if (form.get('grant_type') !== 'client_credentials') {
      return oauthError(400, 'unsupported_grant_type', 'The grant_type must be client_credentials.');
    }
    const lifetimeMs = this.#account.tokenLifetimeMs ?? HOUR_MS;
    const token = randomBytes(48).toString('base64url');
    this.#expiry.set(token, now + lifetimeMs);
    return json(200, { access_token: token, expires_in: lifetimeMs / 1000, token_type: 'Bearer' });
  }

  /** An unknown token counts as revoked (RFC 7009 §2.2). */
  #revoke(form: URLSearchParams): Reply {
    const token = form.get('token');
    if (token === null) return oauthError(400, 'invalid_request', 'The token is missing.');
    this.#expiry.delete(token);
    return json(200, {});
  }
}

function oauthError(
  status: number,
  error: string,
  description: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return json(status, { error, error_description: description }, headers);
}

function json(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Reply {
  const common = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
  return { status, headers: { ...headers, ...common }, body: JSON.stringify(body) };
}
