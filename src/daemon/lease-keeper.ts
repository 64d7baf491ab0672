import type { Lease } from '../state/leased-store.ts';
import { FencedError, StateError } from '../state/store.ts';

/** The holder stops to trust its lease so long before it ends, in ms: clocks run at slightly different speeds. */
const marginMs = 1_000;
/** The lease is renewed so many times in its length, */
const renewalsPerLease = 3;
/** and after a failure so soon again, in ms. */
const retryMs = 1_000;
/** A failed attempt says that the store cannot be reached now only if it was not longer ago than this, in ms. */
const recentMs = 10_000;

/** What the holder knows of its lease, by its monotonic clock in ms. */
export interface LeaseFacts {
  /** When the request began that took or renewed the lease last. */
  readonly renewedAt: number;
  readonly leaseMs: number;
  /** When the latest attempt failed; undefined after a success. */
  readonly failedAt: number | undefined;
}

/**
 * Returns how far the holder can rely on its lease. `trusted`: no other watcher can have taken it. `unreachable`: another
 * one may have taken it, and the store cannot be asked. `unknown`: another one may have taken it, and the store can be
 * asked, as after the process was suspended.
 */
export function leaseTrust(
  { renewedAt, leaseMs, failedAt }: LeaseFacts,
  now: number,
): 'trusted' | 'unreachable' | 'unknown' {
  if (now < renewedAt + leaseMs - marginMs) return 'trusted';
  return failedAt !== undefined && now - failedAt <= recentMs ? 'unreachable' : 'unknown';
}

export interface LeaseKeeperOptions {
  readonly lease: Lease;
  readonly leaseMs: number;
  readonly monotonic: () => number;
  /** Called once, when another watcher has taken the lease. */
  readonly onFenced: () => void;
  readonly onFault: (error: unknown) => void;
}

/** Renews the lease of a shared store until it is given back or another watcher has taken it. */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  #facts: LeaseFacts;
  #renewing: Promise<void> | undefined;
  #isFenced = false;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;

  /** `takenAt`: when the request began that took the lease, by the monotonic clock in ms. */
  constructor(options: LeaseKeeperOptions, takenAt: number) {
    this.#options = options;
    this.#facts = { renewedAt: takenAt, leaseMs: options.leaseMs, failedAt: undefined };
    this.#schedule();
  }

  /** Whether no other watcher can have taken the lease. */
  get isTrusted(): boolean {
    return !this.#isFenced && this.#trust === 'trusted';
  }

  /** How long the lease is still trusted, in ms; negative after it. */
  get remainingMs(): number {
    const { renewedAt, leaseMs } = this.#facts;
    return renewedAt + leaseMs - marginMs - this.#options.monotonic();
  }

  /**
   * Returns whether polls may start. Where another watcher may have taken the lease, it asks the store first; the answer
   * is also yes when the store cannot be reached, as somebody has to go on.
   */
  readonly mayPoll = (): boolean | Promise<boolean> => {
    if (this.#isFenced) return false;
    return this.#trust === 'unknown' ? this.#renew().then(() => !this.#isFenced) : true;
  };

  /** Another watcher has taken the lease, as a commit has found out. */
  readonly fence = (): void => {
    if (this.#isFenced) return;
    this.#isFenced = true;
    clearTimeout(this.#timer);
    this.#options.onFenced();
  };

  /** Ends renewing, and gives the lease back if it is not lost. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#renewing;
    if (this.#isFenced) return;
    try {
      await this.#options.lease.release();
    } catch (error) {
      // It ends by itself.
      if (!(error instanceof StateError)) throw error;
    }
  }

  get #trust(): ReturnType<typeof leaseTrust> {
    return leaseTrust(this.#facts, this.#options.monotonic());
  }

  #schedule(): void {
    if (this.#isClosed || this.#isFenced) return;
    const pauseMs = this.#facts.failedAt === undefined ? this.#options.leaseMs / renewalsPerLease : retryMs;
    this.#timer = setTimeout(() => void this.#renew().then(() => this.#schedule()), pauseMs).unref();
  }

  /** One attempt at a time: all calls while one runs share it. */
  #renew(): Promise<void> {
    this.#renewing ??= this.#attempt().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #attempt(): Promise<void> {
    const { lease, leaseMs, monotonic, onFault } = this.#options;
    const renewedAt = monotonic();
    try {
      await lease.renew();
      this.#facts = { renewedAt, leaseMs, failedAt: undefined };
    } catch (error) {
      if (error instanceof FencedError) this.fence();
      else if (error instanceof StateError) this.#facts = { ...this.#facts, failedAt: monotonic() };
      else onFault(error);
    }
  }
}
