import type { ErrorKind } from './error-kind.ts';
import { remedyFor } from './remedy.ts';

export interface AtlasErrorInit {
  readonly kind: ErrorKind;
  /** What happened, as a sentence without the remedy. Must hold no credential. */
  readonly detail: string;
  readonly httpStatus?: number | undefined;
  /** Atlas's own word for the error, such as `RESOURCE_NOT_FOUND`. */
  readonly errorCode?: string | undefined;
  /** How long Atlas asked us to wait, from `Retry-After`. */
  readonly retryAfterMs?: number | undefined;
  /** The server itself said that only the nonce was old (RFC 7616 §3.3), so the key may be right. */
  readonly stale?: boolean;
  readonly cause?: unknown;
}

/** The one error the Atlas client reports: what kind of fault, what was seen of it, and what to do about it. */
export class AtlasError extends Error {
  override readonly name = 'AtlasError';
  readonly kind: ErrorKind;
  readonly detail: string;
  readonly httpStatus: number | undefined;
  readonly errorCode: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly stale: boolean;
  readonly remedy: string;

  constructor(init: AtlasErrorInit) {
    super(init.detail, { cause: init.cause });
    this.kind = init.kind;
    this.detail = init.detail;
    this.httpStatus = init.httpStatus;
    this.errorCode = init.errorCode;
    this.retryAfterMs = init.retryAfterMs;
    this.stale = init.stale ?? false;
    this.remedy = remedyFor(init);
  }
}
