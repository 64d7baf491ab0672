import { randomBytes } from 'node:crypto';

/**
 * What became of a nonce count: `fresh` was accepted and is now spent; `stale` came with a nonce that is too old
 * or used up; `replayed` had been spent before, or is below 1; `unknown` came with a nonce not from this book,
 * or one forgotten since.
 */
export type NonceVerdict =
  | { readonly kind: 'fresh' }
  | { readonly kind: 'stale'; readonly because: 'expired' | 'used-up' }
  | { readonly kind: 'replayed' }
  | { readonly kind: 'unknown' };

export type NonceBookOptions = {
  /** How long a nonce may be used after its issue, in milliseconds. Default 60 000. */
  readonly lifetimeMs?: number;
  /** How many requests one nonce may sign; 1 makes one-time nonces. Default: any number. */
  readonly usesPerNonce?: number;
};

type NonceRecord = {
  readonly issuedAt: number;
  uses: number;
  /** Every count up to and including this one is spent. */
  spentThrough: number;
  /** Counts above `spentThrough` that are spent: only those that arrived out of order. */
  readonly spentAhead: Set<number>;
};

const NONCE_BYTES = 24;
const MOST_NONCES = 10_000;
/** Expired nonces are remembered for as long again, so that a late request is told "stale" and not "unknown". */
const LIFETIMES_REMEMBERED = 2;

/** Issues server nonces and spends their counts. All times are milliseconds, given by the caller. */
export class NonceStore {
  readonly #lifetimeMs: number;
  readonly #usesPerNonce: number;
  readonly #records = new Map<string, NonceRecord>();

  constructor({ lifetimeMs = 60_000, usesPerNonce = Number.POSITIVE_INFINITY }: NonceBookOptions = {}) {
    this.#lifetimeMs = lifetimeMs;
    this.#usesPerNonce = usesPerNonce;
  }

  /** How many nonces are remembered, expired ones included. */
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

  /** Spends a nonce count whose signature is known to be right. Counts may arrive in any order, each once. */
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
