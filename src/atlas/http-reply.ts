/** A whole HTTP reply, its body read to the end. Header names are in lower case. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Returns one header's value, several lines of it joined by commas as RFC 9110 §5.3 allows. */
export function headerValue(reply: HttpReply, name: string): string | undefined {
  const value = reply.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
