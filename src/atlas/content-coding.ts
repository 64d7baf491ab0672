import { brotliDecompressSync, unzipSync, zstdDecompressSync } from 'node:zlib';
import { AtlasError } from './atlas-error.ts';
import { quote, type Redact } from './quote.ts';

/** No server applies more than one or two. */
const maxCodings = 3;

/** The content codings of RFC 9110 §8.4.1, RFC 7932 and RFC 8878. */
const decoders = new Map<string, (body: Buffer, options: { readonly maxOutputLength: number }) => Buffer>([
  ['identity', (body) => body],
  ['gzip', unzipSync],
  ['x-gzip', unzipSync],
  ['deflate', unzipSync],
  ['br', brotliDecompressSync],
  ['zstd', zstdDecompressSync],
]);

/**
 * Returns a body without its content codings. Requests ask for none, but a gateway may apply one all the same. Throws
 * an {@link AtlasError} of kind `bad_reply` if the coding is unknown, does not fit the body, or if the result would
 * have more than `maxBytes`.
 */
export function decodeBody(body: Buffer, contentEncoding: string, maxBytes: number, redact: Redact): Buffer {
  // In the order in which they were applied.
  const names = contentEncoding
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const codings = names.map((name) => name.toLowerCase());
  if (body.length === 0 || codings.length === 0) return body;
  const named = quote({ redact }, names.join(', '), 40);
  const decode = codings.map((name) => decoders.get(name)).toReversed();
  if (codings.length > maxCodings || decode.includes(undefined))
    throw badReply(`The reply has a content coding that is not supported (${named})`);
  try {
    return decode.reduce((bytes, decoder) => decoder?.(bytes, { maxOutputLength: maxBytes }) ?? bytes, body);
  } catch (error) {
    throw isTooLarge(error) ? tooLarge() : badReply(`The body of the reply is not valid ${named}`);
  }
}

/** Returns the fault of a reply whose body, as sent or decoded, is over the limit. */
export function tooLarge(): AtlasError {
  return badReply('The reply is larger than 1 MiB');
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

function badReply(detail: string): AtlasError {
  return new AtlasError({ kind: 'bad_reply', detail });
}
