import type { HttpReply } from './http-reply.ts';

/** The request line that a signature covers; `uri` is path plus query, as sent. */
export interface SignedRequest {
  readonly method: string;
  readonly uri: string;
}

/** Sends the request under way with this `Authorization` value, or without one, and returns the whole reply. */
export type Send = (authorization: string | undefined) => Promise<HttpReply>;

/** What proves who asks, for the words of a remedy. */
export type CredentialKind = 'apiKey' | 'serviceAccount';

/** A way to prove who asks. The client does not look behind it. */
export interface Authenticator {
  /** An API key unless it says otherwise. */
  readonly credential?: CredentialKind;
  /**
   * Returns the reply to the authorized request; a 401 that comes out of here is a refusal. `signal` ends any
   * waiting of the authenticator's own, and its reason is thrown then.
   */
  perform(request: SignedRequest, send: Send, signal: AbortSignal): Promise<HttpReply>;
}
