import type { SinkSettings } from '../config/sink-settings.ts';
import type { EventRecord } from '../events/event-record.ts';
import type { DeliveryState } from '../state/delivery-state.ts';

/** How a receiver stands, for people. */
export interface SinkStatus {
  readonly name: string;
  readonly type: SinkSettings['type'];
  readonly state: 'working' | 'failing' | 'stopped';
  /** Events that wait, and when the oldest of them happened, in ms since 1970. */
  readonly waiting: number;
  readonly oldestAt?: number;
  /** Since when attempts have failed, in ms since 1970. */
  readonly failingSince?: number;
  /** `watcher.sink_unavailable` says so, and `watcher.sink_recovered` does not yet. */
  readonly isReported?: true;
  readonly nextAttemptAt?: number;
  readonly lastAnswer?: DeliveryState['lastAnswer'];
}

/** Returns how a receiver stands, of which so many events wait. */
export function sinkStatus(
  { name, type }: Pick<SinkSettings, 'name' | 'type'>,
  delivery: DeliveryState,
  { count, oldest }: { readonly count: number; readonly oldest: EventRecord | undefined },
): SinkStatus {
  const { failures, failingSince, nextAttemptAt, reported, gone, lastAnswer } = delivery;
  const failing = failures > 0 ? 'failing' : 'working';
  return {
    name,
    type,
    state: gone === true ? 'stopped' : failing,
    waiting: count,
    ...(oldest !== undefined && { oldestAt: Date.parse(oldest.time) }),
    ...(failingSince !== undefined && { failingSince }),
    ...(reported !== undefined && { isReported: reported }),
    ...(nextAttemptAt !== undefined && gone !== true && { nextAttemptAt }),
    ...(lastAnswer !== undefined && { lastAnswer }),
  };
}
