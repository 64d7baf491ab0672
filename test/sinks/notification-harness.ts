import type { SinkSettings } from '../../src/config/sink-settings.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import { type NotificationContext, NotificationSink } from '../../src/sinks/notification-sink.ts';
import type { Outcome, Sender } from '../../src/sinks/sender.ts';
import type { DeliveryState } from '../../src/state/delivery-state.ts';
import type { Line } from '../../src/state/sink.ts';
import { type LogEntry, StateError } from '../../src/state/store.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { start } from '../state/sample-change.ts';

export const receiver: SinkSettings = {
  name: 'on-call',
  type: 'webhook',
  url: 'https://hooks.example.com/secret-path',
  keys: [],
  level: 'info',
  events: [],
  labels: {},
  timeout: 20_000,
  giveUpAfter: 3 * 24 * 3_600_000,
  proxy: undefined,
};

export const delivered: Outcome = { result: 'delivered', answer: 'HTTP 200', remedy: '', status: 200 };
export const failed: Outcome = {
  result: 'failed',
  answer: 'HTTP 503',
  remedy: 'Look at the receiver.',
  status: 503,
};
export const refused: Outcome = { ...failed, result: 'refused', answer: 'HTTP 401', status: 401 };
export const rejected: Outcome = { ...failed, result: 'rejected', answer: 'HTTP 400', status: 400 };
export const gone: Outcome = { ...failed, result: 'gone', answer: 'HTTP 410', status: 410 };

/** Returns a durable event with this id, which happened so many ms after the start. */
export function event(id: string, afterMs = 0, fields: object = {}): EventRecord {
  const time = new Date(start + afterMs).toISOString();
  return { ...sampleEvent('migration.hosts_changed', { eventId: id }), time, ...fields };
}

/** Returns a reminder of the readiness since this moment, in ms after the start. */
export function reminder(id: string, readySinceMs = 0, afterMs = 0): EventRecord {
  const readySince = new Date(start + readySinceMs).toISOString();
  const time = new Date(start + afterMs).toISOString();
  return { ...sampleEvent('migration.cutover_reminder', { eventId: id, readySince }), time };
}

/** A sink over a log in memory, with a receiver that answers as the test says, and a clock that the test moves. */
export class NotificationHarness {
  readonly log: LogEntry[] = [];
  /** Ids of the events that were sent, each attempt once. */
  readonly sent: string[] = [];
  readonly emitted: EventRecord[] = [];
  readonly faults: unknown[] = [];
  /** What the next attempts lead to; `delivered` beyond its end. */
  answers: Outcome[] = [];
  /** Answers every attempt that `answers` has nothing for. */
  usual = delivered;
  isLogReadable = true;
  now = start;
  progress = 0;
  readonly #timers = new Set<{ readonly work: () => void; readonly at: number }>();
  readonly sender: { -readonly [Name in keyof Sender]: Sender[Name] } = {
    send: (record) => {
      this.sent.push(String(record.eventId));
      return Promise.resolve(this.answers.shift() ?? this.usual);
    },
    close: () => Promise.resolve(),
  };
  readonly context: NotificationContext = {
    log: {
      eventsFrom: async (position, limit) => {
        if (!this.isLogReadable) throw new StateError('The log cannot be read.');
        return this.log.filter((entry) => entry.position >= position).slice(0, limit);
      },
    },
    known: () => ({ now: this.now }),
    emit: (record) => void this.emitted.push(record),
    onAttempt: () => {},
    onFault: (error) => this.faults.push(error),
    now: () => this.now,
    random: () => 1,
    defer: (work, delayMs) => {
      const timer = { work, at: this.now + delayMs };
      this.#timers.add(timer);
      return () => this.#timers.delete(timer);
    },
  };
  sink: NotificationSink;

  readonly settings: SinkSettings;

  constructor(settings: SinkSettings = receiver, context: Partial<NotificationContext> = {}) {
    this.settings = settings;
    Object.assign(this.context, context);
    this.sink = new NotificationSink(settings, this.sender, this.context);
  }

  /** Starts the sink behind this position, as a run of the program does. */
  async run(position = 0, delivery?: DeliveryState): Promise<void> {
    this.sink.stop();
    this.#timers.clear();
    this.sink = new NotificationSink(this.settings, this.sender, this.context);
    this.sink.start({ position, delivery }, () => {
      this.progress += 1;
    });
    await this.settle();
  }

  /** Commits events, and hands them over. */
  async commit(...records: readonly EventRecord[]): Promise<void> {
    const entries = records.map((record, index) => ({ record, position: this.log.length + 1 + index }));
    this.log.push(...entries);
    this.sink.offer(entries.map((entry): Line => ({ kind: 'committed', ...entry })));
    await this.settle();
  }

  /** Lets everything happen that is due within this time, in ms. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      await this.settle();
      const [next] = [...this.#timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.now = Math.max(this.now, next.at);
      next.work();
    }
    this.now = end;
    await this.settle();
  }

  async settle(): Promise<void> {
    await this.sink.deliver();
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
    if (this.faults.length > 0) throw this.faults[0];
  }

  /** Names and important fields of what was emitted. */
  get reports(): readonly string[] {
    return this.emitted.map(({ event: name, answer, dropped }) =>
      [name, answer, dropped]
        .filter((part) => typeof part !== 'undefined')
        .map((part) => JSON.stringify(part))
        .join(' ')
        .replaceAll('"', ''),
    );
  }
}
