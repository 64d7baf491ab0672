import type { LeaseView } from '../state/leased-store.ts';

/**
 * What this watcher does among those that share a store. The active one polls, reports and notifies; the others stand by.
 * A watcher whose store is not shared is always active.
 */
export interface RoleView {
  readonly role: 'active' | 'standby';
  /** The lease as this watcher knows it last; absent where the store is not shared, or was never reached. */
  readonly lease?: LeaseView | undefined;
  /**
   * True while an active watcher cannot rely on the lease, or cannot store what it finds: another one may have taken over,
   * and report the same. It polls on, and reports to standard output alone.
   */
  readonly unfenced?: boolean | undefined;
}

/** The role of a watcher whose store is not shared. */
export const aloneRole: RoleView = { role: 'active' };
