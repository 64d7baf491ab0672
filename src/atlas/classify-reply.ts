import { z } from 'zod';
import { AtlasError } from './atlas-error.ts';
import type { CredentialKind } from './authenticator.ts';
import { findCallerAddress } from './caller-address.ts';
import { cleanText } from './clean-text.ts';
import { saysStale } from './digest-challenge.ts';
import type { ErrorKind } from './error-kind.ts';
import { type HttpReply, headerValue } from './http-reply.ts';
import { parseRetryAfter } from './retry.ts';

const maxDetailLength = 300;

const errorBodySchema = z.object({
  error: z.number().optional().catch(undefined),
  errorCode: z.string().optional().catch(undefined),
  detail: z.string().optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
  parameters: z.array(z.unknown()).optional().catch(undefined),
});

/**
 * Turns a reply other than 200 into an {@link AtlasError}. The HTTP status decides the kind, since Atlas's
 * `errorCode` is often just `UNEXPECTED_ERROR`; the body is only evidence and need not be JSON.
 */
export function classifyReply(
  reply: HttpReply,
  now: number,
  credential: CredentialKind = 'apiKey',
): AtlasError {
  const { errorCode, detail, reason, parameters } = readErrorBody(reply.body);
  const said = detail ?? reason ?? htmlTitle(reply.body);
  return new AtlasError({
    kind: kindOf(reply),
    httpStatus: reply.status,
    errorCode: errorCode === undefined ? undefined : cleanText(errorCode, 100),
    detail: `HTTP ${reply.status}${said === undefined ? '' : `: ${cleanText(said, maxDetailLength)}`}`,
    retryAfterMs: parseRetryAfter(headerValue(reply, 'retry-after'), now),
    credential,
    callerAddress: reply.status === 403 ? findCallerAddress(parameters ?? [], detail ?? '') : undefined,
    stale: reply.status === 401 && saysStale(reply),
  });
}

function kindOf({ status, body }: HttpReply): ErrorKind {
  switch (status) {
    case 401:
      return 'unauthorized';
    case 402:
      return 'billing';
    case 403:
      return 'forbidden';
    case 404:
      // Anything else is from something between, and no proof that the migration is gone.
      return isAtlasError(body) ? 'not_found' : 'bad_reply';
    case 406:
    case 410:
      return 'api_version';
    case 408:
      return 'timeout';
    case 429:
      return 'rate_limited';
    default:
      return status >= 500 ? 'server_error' : 'bad_reply';
  }
}

function readErrorBody(body: string): z.infer<typeof errorBodySchema> {
  try {
    return errorBodySchema.safeParse(JSON.parse(body)).data ?? {};
  } catch {
    return {};
  }
}

/** Atlas's own word for an error, or its number: a `detail` alone is what many a server says. */
function isAtlasError(body: string): boolean {
  const { error, errorCode } = readErrorBody(body);
  return error !== undefined || errorCode !== undefined;
}

function htmlTitle(body: string): string | undefined {
  return /<title>([^<]+)<\/title>/i.exec(body)?.[1];
}
