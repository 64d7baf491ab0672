import type { SinkStatus } from '../sinks/sink-status.ts';
import { isoTime } from '../watch/migration/event-draft.ts';

/** A receiver of notifications, as the API and `notify list` show it. Its address is a secret. */
export interface ReceiverView {
  readonly name: string;
  readonly type: SinkStatus['type'];
  /** `failing`: the latest attempt failed. `stopped`: it wants nothing any more. */
  readonly state: SinkStatus['state'];
  /** Whether `watcher.sink_unavailable` was emitted, and `watcher.sink_recovered` was not yet. */
  readonly reported: boolean;
  /** Events that wait for it. */
  readonly waiting: number;
  /** When the oldest of them happened. */
  readonly oldestAt?: string;
  /** Since when no attempt has succeeded; absent while they do. */
  readonly failingSince?: string;
  /** No attempt before this. */
  readonly nextAttemptAt?: string;
  /** What the latest attempt has led to; absent before the first one. */
  readonly lastAnswer?: { readonly at: string; readonly text: string; readonly delivered: boolean };
}

/** Returns how a receiver stands. */
export function receiverView(status: SinkStatus): ReceiverView {
  const { name, type, state, waiting, oldestAt, failingSince, isReported, nextAttemptAt, lastAnswer } =
    status;
  return {
    name,
    type,
    state,
    reported: isReported === true,
    waiting,
    ...(oldestAt !== undefined && { oldestAt: isoTime(oldestAt) }),
    ...(failingSince !== undefined && { failingSince: isoTime(failingSince) }),
    ...(nextAttemptAt !== undefined && { nextAttemptAt: isoTime(nextAttemptAt) }),
    ...(lastAnswer !== undefined && { lastAnswer: { ...lastAnswer, at: isoTime(lastAnswer.at) } }),
  };
}
