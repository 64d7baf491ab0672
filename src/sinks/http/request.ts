/** One POST to a receiver, without its address. */
export interface HttpMessage {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Returns a message whose body is JSON. */
export function jsonMessage(content: object): HttpMessage {
  return { body: JSON.stringify(content), headers: { 'content-type': 'application/json' } };
}
