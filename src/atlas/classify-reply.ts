import { z } from 'zod';
import { AtlasError } from './atlas-error.ts';
import { cleanText } from './clean-text.ts';
import { saysStale } from './digest-challenge.ts';
import type { ErrorKind } from './error-kind.ts';
import { type HttpReply, headerValue } from './http-reply.ts';
import { parseRetryAfter } from './retry-after.ts';

const maxDetailLength = 300;

const errorBodySchema = z.object({
  errorCode: z.string().optional().catch(undefined),
  detail: z.string().optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
});

/**
 * Turns a reply other than 200 into an {@link AtlasError}. The HTTP status decides the kind, since Atlas's
 * `errorCode` is often just `UNEXPECTED_ERROR`; the body is only evidence and need not be JSON.
 */
export function classifyReply(reply: HttpReply, now: number): AtlasError {
  const { errorCode, detail, reason } = readErrorBody(reply.body);
  const said = detail ?? reason ?? htmlTitle(reply.body);
  return new AtlasError({
    kind: kindOf(reply.status),
    httpStatus: reply.status,
    errorCode: errorCode === undefined ? undefined : cleanText(errorCode, 100),
    detail: `HTTP ${reply.status}${said === undefined ? '' : `: ${cleanText(said, maxDetailLength)}`}`,
    retryAfterMs: parseRetryAfter(headerValue(reply, 'retry-after'), now),
    stale: reply.status === 401 && saysStale(reply),
  });
}

function kindOf(status: number): ErrorKind {
  switch (status) {
    case 401:
      return 'unauthorized';
    case 402:
      return 'billing';
    case 403:
      return 'forbidden';
    case 404:
      return 'not_found';
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

function htmlTitle(body: string): string | undefined {
  return /<title>([^<]+)<\/title>/i.exec(body)?.[1];
}
