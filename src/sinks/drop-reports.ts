import { eventId } from '../events/event-id.ts';
import { buildEvent, type EventRecord } from '../events/event-record.ts';
import type { NotificationContext } from './notification-sink.ts';
import type { Outcome } from './sender.ts';

/** At most one report in this time, in ms. */
const reportEveryMs = 60_000;

interface Drop {
  readonly record: EventRecord;
  readonly reason: 'rejected' | 'gave_up';
  readonly outcome: Omit<Outcome, 'result'>;
}

/**
 * Reports the events that one receiver will never get, once a minute at most. What is about a receiver itself is only
 * counted by the metrics: two receivers that reject everything would otherwise report about each other for ever.
 */
export class DropReports {
  readonly #sink: string;
  readonly #context: Pick<NotificationContext, 'emit' | 'now' | 'defer'>;
  /** The first one that is not reported, and how many there are; undefined while none waits. */
  #waiting: { readonly first: Drop; count: number } | undefined;
  #cancel: (() => void) | undefined;

  constructor(sink: string, context: Pick<NotificationContext, 'emit' | 'now' | 'defer'>) {
    this.#sink = sink;
    this.#context = context;
  }

  add(record: EventRecord, reason: Drop['reason'], outcome: Drop['outcome']): void {
    if (record.sink !== undefined) return;
    if (this.#waiting === undefined) this.#waiting = { first: { record, reason, outcome }, count: 1 };
    else this.#waiting.count += 1;
    if (this.#cancel === undefined) this.#report();
  }

  /** Reports what waits, and nothing more. */
  close(): void {
    this.#cancel?.();
    this.#report();
    this.#cancel?.();
  }

  #report(): void {
    this.#cancel = undefined;
    if (this.#waiting === undefined) return;
    const { emit, now, defer } = this.#context;
    const { first, count } = this.#waiting;
    const { record, reason, outcome } = first;
    const event = 'watcher.notification_dropped';
    const droppedEventId = String(record.eventId);
    this.#waiting = undefined;
    this.#cancel = defer(() => this.#report(), reportEveryMs);
    emit(
      buildEvent(
        event,
        {
          eventId: eventId({
            subject: this.#sink,
            event,
            at: Date.parse(record.time),
            detail: droppedEventId,
          }),
          sink: this.#sink,
          reason,
          dropped: count,
          droppedEvent: record.event,
          droppedEventId,
          ...(typeof record.migration === 'string' && { droppedMigration: record.migration }),
          answer: outcome.answer,
          ...(outcome.status !== undefined && { httpStatus: outcome.status }),
          remedy: outcome.remedy,
        },
        now(),
      ),
    );
  }
}
