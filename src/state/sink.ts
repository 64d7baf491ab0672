import type { EventRecord } from '../events/event-record.ts';
import type { DeliveryState } from './delivery-state.ts';
import type { Cursor } from './store.ts';

/** One line for a sink. */
export type Line =
  /** An event of the log. It may have been offered as an uncommitted one before. */
  | { readonly kind: 'committed'; readonly record: EventRecord; readonly position: number }
  /** An event that the store could not take yet. It is offered as a committed one later, with the same record. */
  | { readonly kind: 'uncommitted'; readonly record: EventRecord }
  /** A line that is never stored. */
  | { readonly kind: 'passing'; readonly record: EventRecord };

/** A reader of the event log. Its cursor is stored when it moves, or with the next commit that succeeds: it delivers every event at least once. */
export interface Sink {
  /** Identifies its cursor in the store. */
  readonly name: string;
  /** Where a sink without a stored cursor begins. */
  readonly begins: 'with the first event' | 'now';
  /** All events up to this position are delivered. */
  readonly cursor: number;
  /** Kept beside the cursor; absent where a delivery cannot fail. */
  readonly delivery?: DeliveryState;
  /** Whether nothing can be delivered now: nothing waits, or it waits for another attempt. */
  readonly delivered: boolean;
  /**
   * Begins after this position, with what an earlier run has stored. A sink that delivers by itself calls `onProgress`
   * when its cursor or its delivery state has changed.
   */
  start(stored: Pick<Cursor, 'position' | 'delivery'>, onProgress: () => void): void;
  /** The log was lost. The new one begins after this position. Events in memory are still delivered. */
  restart(position: number): void;
  /** Takes lines in order. */
  offer(lines: readonly Line[]): void;
  /**
   * Delivers what waits. Resolves when nothing waits or the reader refuses a line; to false if the log could not be read
   * and this must be called again.
   */
  deliver(): Promise<boolean>;
}
