import { type Fault, remedyFor } from './remedy.ts';

export interface AtlasErrorInit extends Fault {
  /** What happened, without the remedy; made a sentence. Must hold no credential. */
  readonly detail: string;
  /** How long Atlas asked us to wait, from `Retry-After`. */
  readonly retryAfterMs?: number | undefined;
  /** A kept-alive connection ended before any byte of the reply: another one may be tried at once. */
  readonly connectionGone?: boolean;
  readonly cause?: unknown;
}

/** The one error the Atlas client reports: what kind of fault, what was seen of it, and what to do about it. */
export class AtlasError extends Error {
  override readonly name = 'AtlasError';
  readonly kind: Fault['kind'];
  readonly detail: string;
  readonly httpStatus: number | undefined;
  readonly errorCode: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly callerAddress: string | undefined;
  readonly stale: boolean;
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
    this.stale = init.stale ?? false;
    this.connectionGone = init.connectionGone ?? false;
    this.proxyWantsLogin = init.proxyWantsLogin ?? false;
    this.signingIn = init.signingIn ?? false;
    this.remedy = remedyFor(init);
    this.#init = init;
  }

  /** Returns the same error, told later: so much is left of the wait that Atlas asked for, in ms. */
  withRetryAfter(retryAfterMs: number): AtlasError {
    return new AtlasError({ ...this.#init, retryAfterMs });
  }
}
