import { StateFileError } from '../state/store.ts';

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

  constructor(
    status: number,
    message: string,
    { headers = {}, fields = {} }: Partial<Pick<HttpError, 'headers' | 'fields'>> = {},
  ) {
    super(message);
    this.status = status;
    this.headers = headers;
    this.fields = fields;
  }
}

export function json(value: unknown, status = 200): Reply {
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  return { status, headers, body: `${JSON.stringify(value)}\n` };
}

/** Returns the reply to a request that failed with this error; undefined for a defect of the program. */
export function errorReply(error: unknown): Reply | undefined {
  if (error instanceof HttpError) {
    const reply = json({ error: error.message, ...error.fields }, error.status);
    return { ...reply, headers: { ...reply.headers, ...error.headers } };
  }
  if (!(error instanceof StateFileError)) return undefined;
  return json(
    { error: 'The state file cannot be read now; watcher.state_unavailable in the log says why.' },
    503,
  );
}
