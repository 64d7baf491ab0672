import type { HttpReply } from './transport.ts';

/** The part of the request line that a signature covers. `uri` is path plus query, as sent. */
export interface SignedRequest {
  readonly method: string;
  readonly uri: string;
}

/** Sends the current request with this `Authorization` value, or without the header. Returns the whole reply. */
export type Send = (authorization: string | undefined) => Promise<HttpReply>;

/** The kind of credentials, for the wording of a remedy. */
export type CredentialKind = 'apiKey' | 'serviceAccount';

/** A way to authenticate requests. The client knows nothing of its details. */
export interface Authenticator {
  /** Default: `apiKey`. */
  readonly credential?: CredentialKind;
  /**
   * Returns the reply to the authenticated request. A returned 401 means that Atlas refused the credentials. Throws
   * `signal.reason` when the signal aborts while the authenticator waits.
   */
  perform(request: SignedRequest, send: Send, signal: AbortSignal): Promise<HttpReply>;
}
