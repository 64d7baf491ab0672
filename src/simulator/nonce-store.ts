import { randomBytes } from 'node:crypto';

/**
 * The result of spending a nonce count. `fresh`: accepted, and spent now. `stale`: the nonce is too old or used up.
 * `replayed`: the count was spent before, or is below 1. `unknown`: the nonce was not issued here, or is forgotten.
 */
export type NonceVerdict =
  | { readonly kind: 'fresh' }
  | { readonly kind: 'stale'; readonly because: 'expired' | 'used-up' }
  | { readonly kind: 'replayed' }
  | { readonly kind: 'unknown' };

export type NonceBookOptions = {
  /** How long a nonce may be used after its issue, in milliseconds. Default 60 000. */
  readonly lifetimeMs?: number;
  /** How many requests one nonce may sign; 1 for one-time nonces. Default: any number. */
  readonly usesPerNonce?: number;
};

type NonceRecord = {
  readonly issuedAt: number;
  uses: number;
  /** All counts up to this one are spent. */
  spentThrough: number;
  /** Spent counts above `spentThrough`, which arrived out of order. */
  readonly spentAhead: Set<number>;
};

const NONCE_BYTES = 24;
const MOST_NONCES = 10_000;
/** Expired nonces are remembered for their lifetime once more, so that a late request is `stale` and not `unknown`. */
const LIFETIMES_REMEMBERED = 2;

/** Issues server nonces and spends their counts. The caller passes the time, in ms. */
export class NonceStore {
  readonly #lifetimeMs: number;
  readonly #usesPerNonce: number;
  readonly #records = new Map<string, NonceRecord>();

  constructor({ lifetimeMs = 60_000, usesPerNonce = Number.POSITIVE_INFINITY }: NonceBookOptions = {}) {
    this.#lifetimeMs = lifetimeMs;
    this.#usesPerNonce = usesPerNonce;
  }

  /** Number of remembered nonces, expired ones included. */
  get size(): number {
    return this.#records.size;
  }

  /** Returns a new random nonce in base64: 32 characters, `+` and `/` among them. */
  issue(now: number): string {
    this.#forget(now);
    const nonce = randomBytes(NONCE_BYTES).toString('base64');
    this.#records.set(nonce, { issuedAt: now, uses: 0, spentThrough: 0, spentAhead: new Set() });
    return nonce;
  }

  /** Spends a nonce count after its signature was verified. Counts may arrive in any order, each once. */
  spend(nonce: string, nonceCount: number, now: number): NonceVerdict {
    const record = this.#records.get(nonce);
    if (record === undefined) {
      return { kind: 'unknown' };
    }
    if (now - record.issuedAt >= this.#lifetimeMs) {
      return { kind: 'stale', because: 'expired' };
    }
    if (nonceCount <= record.spentThrough || record.spentAhead.has(nonceCount)) {
      return { kind: 'replayed' };
    }
    if (record.uses >= this.#usesPerNonce) {
      return { kind: 'stale', because: 'used-up' };
    }
    markSpent(record, nonceCount);
    return { kind: 'fresh' };
  }

  #forget(now: number): void {
    for (const [nonce, { issuedAt }] of this.#records) {
      const outlived = now - issuedAt >= this.#lifetimeMs * LIFETIMES_REMEMBERED;
      if (!outlived && this.#records.size < MOST_NONCES) {
        return;
      }
      this.#records.delete(nonce);
    }
  }
}

function markSpent(record: NonceRecord, nonceCount: number): void {
  record.uses += 1;
  record.spentAhead.add(nonceCount);
  while (record.spentAhead.delete(record.spentThrough + 1)) {
    record.spentThrough += 1;
  }
}
