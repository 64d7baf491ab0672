import type { SinkSettings } from '../../config/sink-settings.ts';
import type { EventRecord } from '../../events/event-record.ts';
import { type ReceiverView, receiverView } from '../../server/receiver-view.ts';
import { cursorName } from '../../sinks/notification-sink.ts';
import { isSelected } from '../../sinks/selection.ts';
import { sinkStatus } from '../../sinks/sink-status.ts';
import { untried } from '../../state/delivery-state.ts';
import type { RecordedCursor } from '../../state/record.ts';

/** What the configuration says of a receiver; no secret is needed. */
export type ListedSettings = Pick<SinkSettings, 'name' | 'type' | 'level' | 'events' | 'labels'>;

/** A receiver as `notify list` shows it. */
export interface ListedReceiver extends Omit<ReceiverView, 'state'> {
  /** `new`: no watcher has begun with it. */
  readonly state: ReceiverView['state'] | 'new';
  /** Every event up to this position of the log has been delivered; absent of a new one. */
  readonly cursor?: number;
}

/** What is listed, and the receivers that only the record has. */
export interface Listing {
  readonly receivers: readonly ListedReceiver[];
  readonly removed: readonly string[];
}

/** Resolves to how each receiver of the configuration stands by the record, in the order of the configuration. */
export async function listReceivers(
  settings: readonly ListedSettings[],
  cursors: Iterable<RecordedCursor> | AsyncIterable<RecordedCursor>,
): Promise<Listing> {
  const wanted = new Map(settings.map((each) => [cursorName(each.name), each]));
  const known = new Map<string, ListedReceiver>();
  const removed: string[] = [];
  for await (const cursor of cursors) {
    const own = wanted.get(cursor.sink);
    if (own !== undefined) known.set(own.name, await listed(own, cursor));
    else if (cursor.sink.startsWith(cursorName(''))) removed.push(cursor.sink.slice(cursorName('').length));
  }
  const receivers = settings.map((each) => known.get(each.name) ?? newReceiver(each));
  return { receivers, removed };
}

async function listed(
  settings: ListedSettings,
  { position, delivery = untried, undelivered }: RecordedCursor,
): Promise<ListedReceiver> {
  let count = 0;
  let oldest: EventRecord | undefined;
  for await (const record of undelivered) {
    if (!isSelected(settings, record)) continue;
    count += 1;
    oldest ??= record;
  }
  return { ...receiverView(sinkStatus(settings, delivery, { count, oldest })), cursor: position };
}

function newReceiver(settings: ListedSettings): ListedReceiver {
  return { ...receiverView(sinkStatus(settings, untried, { count: 0, oldest: undefined })), state: 'new' };
}
