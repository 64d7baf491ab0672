import type { RecordedState, Store } from './store.ts';

/** Who holds a store that several watchers share, as the store has it at one moment. */
export interface LeaseView {
  /** Grows with each watcher that takes the lease. 0 in a store that nobody has held yet. */
  readonly epoch: number;
  /** The holder by name: its host and process id. Undefined where nobody holds it. */
  readonly holder: string | undefined;
  /** How long the lease still runs by the clock of the store, in ms; 0 or less when it may be taken. */
  readonly remainingMs: number;
}

/** What an attempt to take the lease leads to. */
export type Taking =
  | {
      readonly taken: true;
      readonly epoch: number;
      /** `free`: nobody has held the store before, or the last holder gave it back. `expired`: it did not renew it. */
      readonly after: 'free' | 'expired';
      /** The last holder by name, where there was one. */
      readonly former: string | undefined;
    }
  | { readonly taken: false; readonly lease: LeaseView };

/**
 * The right to write a shared store, for a limited time. Time is that of the store alone, so clocks of the watchers do
 * not matter. Every method rejects with a `StateError` while the store cannot be reached, after a few seconds at the latest.
 */
export interface Lease {
  /** Resolves to who holds the store. */
  look(): Promise<LeaseView>;
  /** Takes the lease where nobody holds it or it has expired, with the next epoch. */
  take(): Promise<Taking>;
  /** Makes the lease run for its whole length again. Rejects with a `FencedError` where another watcher has taken it. */
  renew(): Promise<void>;
  /** Gives the lease back, so that another watcher can take it at once. Does nothing where it is lost. */
  release(): Promise<void>;
}

/** What changed in a shared store since a revision. */
export interface Changes {
  readonly revision: number;
  readonly states: readonly RecordedState[];
}

/**
 * A store for several watchers, of which one at a time writes it: the one that holds the lease. All of them read it. A
 * commit of a watcher that does not hold the lease any more stores nothing, and rejects with a `FencedError`.
 */
export interface SharedStore extends Store {
  readonly lease: Lease;
  /** Resolves to the states that were stored after this revision, and to the revision up to which that is; 0 for all. */
  changesSince(revision: number): Promise<Changes>;
}
