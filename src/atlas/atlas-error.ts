import { type Fault, remedyFor } from './remedy.ts';

export interface AtlasErrorInit extends Fault {
  /** What happened, without the remedy. A full stop is added if it is missing. Must hold no credential. */
  readonly detail: string;
  /** The wait that Atlas asks for in `Retry-After`, in ms. */
  readonly retryAfterMs?: number | undefined;
  /** A kept-alive connection closed before the first byte of the reply. The request may be repeated at once. */
  readonly connectionGone?: boolean;
  readonly cause?: unknown;
}

/** The only error of the Atlas client: the kind of fault, what happened, and what to do. */
export class AtlasError extends Error {
  override readonly name = 'AtlasError';
  readonly kind: Fault['kind'];
  readonly detail: string;
  readonly httpStatus: number | undefined;
  readonly errorCode: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly callerAddress: string | undefined;
  readonly connectionGone: boolean;
  readonly proxyWantsLogin: boolean;
  readonly signingIn: boolean;
  readonly remedy: string;
  readonly #init: AtlasErrorInit;

  constructor(init: AtlasErrorInit) {
    super(init.detail, { cause: init.cause });
    this.kind = init.kind;
    this.detail = /[.!?]$/.test(init.detail) ? init.detail : `${init.detail}.`;
    this.httpStatus = init.httpStatus;
    this.errorCode = init.errorCode;
    this.retryAfterMs = init.retryAfterMs;
    this.callerAddress = init.callerAddress;
    this.connectionGone = init.connectionGone ?? false;
    this.proxyWantsLogin = init.proxyWantsLogin ?? false;
    this.signingIn = init.signingIn ?? false;
    this.remedy = remedyFor(init);
    this.#init = init;
  }

  /** Returns the same error with the remaining wait, in ms. */
  withRetryAfter(retryAfterMs: number): AtlasError {
    return new AtlasError({ ...this.#init, retryAfterMs });
  }
}
