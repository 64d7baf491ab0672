import { isDeepStrictEqual } from 'node:util';
import type { SinkSettings } from '../config/sink-settings.ts';
import { buildEvent } from '../events/event-record.ts';
import type { SinkSet } from '../state/sink-set.ts';
import type { Store } from '../state/store.ts';
import { cursorName, type NotificationContext, NotificationSink } from './notification-sink.ts';
import type { Sender } from './sender.ts';
import type { SinkStatus } from './sink-status.ts';

export interface NotificationsOptions extends Omit<NotificationContext, 'log'> {
  readonly store: Pick<Store, 'eventsFrom'>;
  readonly sinks: Pick<SinkSet, 'add' | 'remove' | 'leftCursors'>;
  readonly createSender: (settings: SinkSettings) => Sender;
}

interface Receiver {
  readonly settings: SinkSettings;
  readonly sink: NotificationSink;
  readonly sender: Sender;
}

/** The receivers of notifications of the present configuration. */
export class Notifications {
  readonly #options: NotificationsOptions;
  #receivers: readonly Receiver[] = [];

  constructor(options: NotificationsOptions) {
    this.#options = options;
  }

  /** How each receiver stands, in the order of the configuration. */
  get statuses(): readonly SinkStatus[] {
    return this.#receivers.map(({ sink }) => sink.status);
  }

  /** Whether nothing can be delivered now. */
  get delivered(): boolean {
    return this.#receivers.every(({ sink }) => sink.delivered);
  }

  /**
   * Uses these receivers from now on. One of the same name keeps its place in the log, and is tried at once; a new one
   * begins behind the event at this position of the log, the latest one.
   */
  async use(wanted: readonly SinkSettings[], lastPosition: number): Promise<void> {
    const { sinks, createSender } = this.#options;
    const former = new Map(this.#receivers.map((receiver) => [receiver.settings.name, receiver]));
    const left = sinks.leftCursors.filter(({ sink }) => sink.startsWith(cursorName('')));
    const added: string[] = [];
    const next: Receiver[] = [];
    for (const settings of wanted) {
      const known = former.get(settings.name);
      const receiver = known === undefined ? this.#create(settings) : renewed(known, settings, createSender);
      if (known === undefined && (await sinks.add(receiver.sink, lastPosition))) added.push(settings.name);
      next.push(receiver);
    }
    this.#receivers = next;
    const names = new Set(wanted.map(({ name }) => cursorName(name)));
    const gone = [...former.values()].filter(({ sink }) => !names.has(sink.name));
    const forgotten = left.filter(({ sink }) => !names.has(sink));
    const undelivered =
      gone.reduce((sum, { sink }) => sum + sink.status.waiting, 0) +
      forgotten.reduce((sum, { position }) => sum + lastPosition - position, 0);
    for (const { sink } of forgotten) sinks.remove(sink);
    for (const { sink, sender } of gone) {
      sink.stop();
      sinks.remove(sink.name);
      void sender.close();
    }
    const removed = [...gone.map(({ sink }) => sink.name), ...forgotten.map(({ sink }) => sink)];
    this.#report(
      added,
      removed.map((name) => name.slice(cursorName('').length)),
      undelivered,
    );
  }

  /** Ends attempts that are under way, as if they had not been made, and all connections. */
  async close(): Promise<void> {
    for (const { sink } of this.#receivers) sink.stop();
    await Promise.all(this.#receivers.map(({ sender }) => sender.close()));
  }

  #create(settings: SinkSettings): Receiver {
    const { store: log, createSender } = this.#options;
    const sender = createSender(settings);
    return { settings, sender, sink: new NotificationSink(settings, sender, { ...this.#options, log }) };
  }

  #report(added: readonly string[], removed: readonly string[], undelivered: number): void {
    if (added.length + removed.length === 0) return;
    const { emit, now } = this.#options;
    const fields = { added: [...added], removed: [...removed], ...(undelivered > 0 && { undelivered }) };
    emit(buildEvent('watcher.sinks_changed', fields, now()));
  }
}

/** Returns the receiver with these settings. Its sender stays if nothing has changed. */
function renewed(
  { settings: former, sink, sender }: Receiver,
  settings: SinkSettings,
  createSender: NotificationsOptions['createSender'],
): Receiver {
  const isSame = isDeepStrictEqual(former, settings);
  const next = isSame ? sender : createSender(settings);
  sink.use(settings, next);
  // A request that is under way fails, and is made again by the new one.
  if (!isSame) void sender.close();
  return { settings, sink, sender: next };
}
