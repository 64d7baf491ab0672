import { cleanText } from './clean-text.ts';
import type { HttpReply } from './transport.ts';

/** Returns a text without the secrets in it. */
export type Redact = (text: string) => string;

/**
 * Returns text of a reply as it may be shown: without secrets, on one line, at most `maxLength` characters long.
 * Undefined if nothing is left of it. Every text of a reply that leaves this folder passes here, whole: a secret that
 * is cut first is not recognized. What is parsed is never redacted.
 */
export function quote(
  { redact }: Pick<HttpReply, 'redact'>,
  text: string | undefined,
  maxLength: number,
): string | undefined {
  if (text === undefined) return undefined;
  const quoted = cleanText(redact === undefined ? text : redact(text), maxLength);
  return quoted === '' ? undefined : quoted;
}

const mark = '[redacted]';
/** A shorter text would match harmless words. */
const minLength = 4;
/** The proof in a digest (RFC 7616 §3.4.1). The quotes around it may be escaped or percent-encoded. */
const digestProof = /(\bresponse(?:%3D|%22|\W){1,6})[0-9a-f]{32}(?:[0-9a-f]{32})?/gi;

/**
 * Returns a function that removes the credentials of a request from text of its reply: a server or gateway may quote
 * the `Authorization` header. A nonce is no secret: the server sends it to everybody.
 */
export function withoutAuthorization(authorization: string | undefined): Redact {
  return (text) =>
    secretsOf(authorization)
      .reduce((clean, secret) => clean.replaceAll(secret, mark), text)
      .replaceAll(digestProof, `$1${mark}`);
}

/** Returns the whole header, its credentials and the proof in them, also as JSON and URLs write them. */
function secretsOf(authorization = ''): readonly string[] {
  const [, credentials = ''] = /^\S+\s+(.*)$/s.exec(authorization) ?? [];
  const proof = /\bresponse="([^"]+)"/.exec(credentials)?.[1] ?? '';
  return [authorization, credentials, proof]
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
    .filter(({ length }) => length >= minLength);
}
