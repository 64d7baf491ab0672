import { z } from 'zod';
import { AtlasError } from './atlas-error.ts';
import { saysStale } from './auth-challenge.ts';
import type { CredentialKind } from './authenticator.ts';
import type { ErrorKind } from './error-kind.ts';
import { quote } from './quote.ts';
import { parseRetryAfter } from './retry.ts';
import { type HttpReply, headerValue } from './transport.ts';

const maxDetailLength = 300;
/** A text of punctuation alone says nothing. */
const hasWord = /[\p{L}\p{N}]/u;
/** Where the address of the client is looked for. */
const maxParameters = 20;
const maxSearchedLength = 1000;

const errorBodySchema = z.object({
  error: z.number().optional().catch(undefined),
  errorCode: z.string().optional().catch(undefined),
  detail: z.string().optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
  parameters: z.array(z.unknown()).optional().catch(undefined),
});

/**
 * Turns a reply other than 200 into an {@link AtlasError}. The HTTP status decides the kind, because Atlas's
 * `errorCode` is often just `UNEXPECTED_ERROR`. The body only adds details and need not be JSON.
 */
export function classifyReply(
  reply: HttpReply,
  now: number,
  credential: CredentialKind = 'apiKey',
): AtlasError {
  const { errorCode, detail, reason, parameters } = readErrorBody(reply.body);
  const said = [detail, reason, htmlTitle(reply.body)]
    .map((text) => quote(reply, text, maxDetailLength))
    .find((text) => text !== undefined && hasWord.test(text));
  const stale = reply.status === 401 && saysStale(reply);
  return new AtlasError({
    // The key may be valid, and another attempt may get a nonce that is accepted.
    kind: stale ? 'server_error' : kindOf(reply),
    httpStatus: reply.status,
    errorCode: quote(reply, errorCode, 100),
    detail: `HTTP ${reply.status}${said === undefined ? '' : `: ${said}`}`,
    retryAfterMs: parseRetryAfter(headerValue(reply, 'retry-after'), now),
    credential,
    callerAddress: reply.status === 403 ? findCallerAddress(parameters ?? [], detail ?? '') : undefined,
    stale,
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
      // Another body comes from a proxy or gateway, and does not prove that the migration is gone.
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

/** Atlas sends an error code or number. A `detail` alone may come from any server. */
function isAtlasError(body: string): boolean {
  const { error, errorCode } = readErrorBody(body);
  return error !== undefined || errorCode !== undefined;
}

function htmlTitle(body: string): string | undefined {
  return /<title>([^<]+)<\/title>/i.exec(body)?.[1];
}

/**
 * Returns the client address that a refusal names, in the `parameters` of the error or else in its `detail`; undefined
 * if it names none.
 */
export function findCallerAddress(parameters: readonly unknown[], detail: string): string | undefined {
  const known = parameters.slice(0, maxParameters).filter((parameter) => typeof parameter === 'string');
  const texts = [...known, detail].map((text) => text.slice(0, maxSearchedLength));
  const words = texts.flatMap((text) => text.split(/[\s,;()[\]"'<>]+/));
  return words.map((word) => word.replace(/[.:]$/, '').replace(/\/\d{1,3}$/, '')).find(isAddress);
}

function isAddress(word: string): boolean {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(word)) return word.split('.').every((part) => Number(part) <= 255);
  // The URL parser knows all spellings of an IPv6 address.
  return /^[0-9a-f:.]{2,45}$/i.test(word) && word.includes(':') && URL.canParse(`http://[${word}]/`);
}
