import { z } from 'zod';
import { AtlasError } from './atlas-error.ts';

/** A bearer token and how long it may be used, on the clock that was given when it was read. */
export interface AccessToken {
  readonly value: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** `refresh-due`: still good, but the time to renew it has come. `expired`: too near its end to be sent. */
export type TokenPhase = 'valid' | 'refresh-due' | 'expired';

const longestMarginMs = 60_000;
/** What Atlas says in practice; for a reply that leaves it out, as RFC 6749 §5.1 allows. */
const usualLifetimeSeconds = 3600;

const tokenReplySchema = z.object({
  // What RFC 6750 §2.1 allows in a header.
  access_token: z.string().regex(/^[\w.~+/-]+=*$/),
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z.coerce.number().positive().finite().optional(),
});

/**
 * Returns where a token is in its life. It is renewed in its last minute (the last tenth, if it lives shorter than
 * ten minutes), and no more sent in the last tenth of that, as a request takes time to arrive.
 */
export function tokenPhase({ issuedAt, expiresAt }: AccessToken, now: number): TokenPhase {
  const marginMs = Math.min(longestMarginMs, (expiresAt - issuedAt) / 10);
  const leftMs = expiresAt - now;
  if (leftMs > marginMs) return 'valid';
  return leftMs > marginMs / 10 ? 'refresh-due' : 'expired';
}

/**
 * Reads the reply to a token request (RFC 6749 §5.1). `askedAt` is when it was sent, so that the time it took is
 * not counted in. Throws an {@link AtlasError} of kind `bad_reply` for anything that is not a bearer token.
 */
export function parseTokenReply(body: string, askedAt: number): AccessToken {
  const reply = tokenReplySchema.safeParse(parseJson(body));
  if (!reply.success) {
    throw new AtlasError({
      kind: 'bad_reply',
      httpStatus: 200,
      credential: 'serviceAccount',
      detail: 'The reply to the token request holds no bearer token.',
    });
  }
  const { access_token: value, expires_in: lifetimeSeconds = usualLifetimeSeconds } = reply.data;
  return { value, issuedAt: askedAt, expiresAt: askedAt + lifetimeSeconds * 1000 };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
