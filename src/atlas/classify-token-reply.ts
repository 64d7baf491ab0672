import { z } from 'zod';
import { AtlasError } from './atlas-error.ts';
import { classifyReply } from './classify-reply.ts';
import type { ErrorKind } from './error-kind.ts';
import { quote } from './quote.ts';
import type { HttpReply } from './transport.ts';

const oauthErrorSchema = z.object({
  error: z.string(),
  error_description: z.string().optional().catch(undefined),
});

/** The error codes of RFC 6749 §5.2 that refuse the client itself, with any HTTP status. */
const refusals = new Set(['invalid_client', 'unauthorized_client', 'access_denied']);

/**
 * Turns a reply other than 200 to a token request into an {@link AtlasError}. The body is an OAuth error (RFC 6749
 * §5.2), or an Atlas error if Atlas refuses the request before the token endpoint.
 */
export function classifyTokenReply(reply: HttpReply, now: number): AtlasError {
  const atlas = classifyReply(reply, now, 'serviceAccount');
  const { error, error_description: description } = readOauthError(reply.body);
  const said = [error, description].filter((text) => text?.trim()).join(': ');
  const quoted = quote(reply, said, 300);
  return new AtlasError({
    kind: error !== undefined && refusals.has(error) ? 'unauthorized' : kindOf(atlas.kind),
    credential: 'serviceAccount',
    httpStatus: atlas.httpStatus,
    errorCode: quote(reply, error, 100) ?? atlas.errorCode,
    detail: `The token request failed: ${quoted === undefined ? atlas.detail : `HTTP ${reply.status}: ${quoted}`}`,
    retryAfterMs: atlas.retryAfterMs,
    callerAddress: atlas.callerAddress,
    signingIn: true,
  });
}

/** A 404 or 410 of the token endpoint is not about a migration or a version of the API. */
function kindOf(kind: ErrorKind): ErrorKind {
  return kind === 'not_found' || kind === 'api_version' ? 'bad_reply' : kind;
}

function readOauthError(body: string): Partial<z.infer<typeof oauthErrorSchema>> {
  try {
    return oauthErrorSchema.safeParse(JSON.parse(body)).data ?? {};
  } catch {
    return {};
  }
}
