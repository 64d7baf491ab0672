import { createHash } from 'node:crypto';
import { StateError } from '../state/store.ts';
import { prefersHtml } from './negotiation.ts';

/** An answer of the server, before it is sent. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** Every reply carries these. Replies are not cached and not framed; other sites' pages cannot read them, so there is no CORS header. */
export const commonHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** A request that is refused. The message is a sentence for people: what is wrong, and what to do about it. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Fields of the body besides `error`. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The body for a browser that loads a page. */
  readonly html: string | undefined;

  constructor(
    status: number,
    message: string,
    { headers = {}, fields = {}, html }: Partial<Pick<HttpError, 'headers' | 'fields' | 'html'>> = {},
  ) {
    super(message);
    this.status = status;
    this.headers = headers;
    this.fields = fields;
    this.html = html;
  }
}

/** Returns the entity tag of a content. It is weak, because a plain and a compressed reply have the same one. */
export function etagOf(content: string | Uint8Array): string {
  return `W/"${createHash('sha256').update(content).digest('base64url').slice(0, 16)}"`;
}

export function json(value: unknown, status = 200, headers: Reply['headers'] = {}): Reply {
  const type = { 'content-type': 'application/json; charset=utf-8' };
  return { status, headers: { ...type, ...headers }, body: `${JSON.stringify(value)}\n` };
}

/** Returns the reply to a request with this Accept header that failed with this error; undefined for a defect of the program. */
export function errorReply(error: unknown, accept: string | undefined): Reply | undefined {
  if (error instanceof HttpError) {
    const { status, message, fields, headers, html } = error;
    if (html === undefined || !prefersHtml(accept))
      return json({ error: message, ...fields }, status, headers);
    return { status, headers: { 'content-type': 'text/html; charset=utf-8', ...headers }, body: html };
  }
  if (!(error instanceof StateError)) return undefined;
  return json(
    {
      error:
        "The stored events and lag samples can't be read now. Watching continues. The log of the watcher says why (watcher.state_unavailable); try again later.",
    },
    503,
  );
}
