import { z } from 'zod';
import { AtlasError } from './atlas-error.ts';

/** A bearer token and its lifetime, in ms since 1970. */
export interface AccessToken {
  readonly value: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** `refresh-due`: still valid, but should be renewed. `expired`: too close to its end to be sent. */
export type TokenPhase = 'valid' | 'refresh-due' | 'expired';

const longestMarginMs = 60_000;
/** The lifetime that Atlas reports in practice. RFC 6749 §5.1 allows a reply without it. */
const usualLifetimeSeconds = 3600;

const tokenReplySchema = z.object({
  // The characters that RFC 6750 §2.1 allows in a header.
  access_token: z.string().regex(/^[\w.~+/-]+=*$/),
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z.coerce.number().positive().finite().optional(),
});

/**
 * Returns the phase of a token. Renewal is due in its last minute (the last tenth if its lifetime is under ten
 * minutes). The token is expired in the last tenth of that time, because a request takes time to arrive.
 */
export function tokenPhase({ issuedAt, expiresAt }: AccessToken, now: number): TokenPhase {
  const marginMs = Math.min(longestMarginMs, (expiresAt - issuedAt) / 10);
  const leftMs = expiresAt - now;
  if (leftMs > marginMs) return 'valid';
  return leftMs > marginMs / 10 ? 'refresh-due' : 'expired';
}

/**
 * Reads the reply to a token request (RFC 6749 §5.1). `askedAt` is when the request was sent: the lifetime starts
 * then. Throws an {@link AtlasError} of kind `bad_reply` if the reply holds no bearer token.
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
