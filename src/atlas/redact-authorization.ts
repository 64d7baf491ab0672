const mark = '[redacted]';
/** What in a digest proves who asks; the rest of it is no secret. */
const digestParts = /\b(?:nonce|cnonce|response)="([^"]+)"/g;
const minLength = 4;

/**
 * Returns the text of a reply without anything of the `Authorization` header that it replies to. A server that
 * quotes what it was sent must not bring it into the log.
 */
export function withoutAuthorization(text: string, authorization: string): string {
  const [, credentials = ''] = /^\S+\s+(.*)$/s.exec(authorization) ?? [];
  const parts = [...authorization.matchAll(digestParts)].map(([, part = '']) => part);
  return [authorization, credentials, ...parts]
    .filter(({ length }) => length >= minLength)
    .reduce((clean, part) => clean.replaceAll(part, mark), text);
}
