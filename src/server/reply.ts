/** What the server answers, before it is put on the wire. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/**
 * What every reply carries. Whatever this server says is of the moment, is no page to be framed, and is for nobody
 * else's page: there is no CORS header on purpose.
 */
export const commonHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

export function json(value: unknown, status = 200): Reply {
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  return { status, headers, body: `${JSON.stringify(value)}\n` };
}

/** Returns a refusal; the sentence says what is wrong and what to do about it. */
export function refusal(
  status: number,
  sentence: string,
  {
    headers = {},
    ...more
  }: { readonly headers?: Readonly<Record<string, string>>; readonly [key: string]: unknown } = {},
): Reply {
  const reply = json({ error: sentence, ...more }, status);
  return { ...reply, headers: { ...reply.headers, ...headers } };
}
