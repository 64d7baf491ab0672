import { setImmediate } from 'node:timers/promises';
import type { SinkSettings } from '../config/sink-settings.ts';
import type { Emit } from '../events/emitter.ts';
import { eventId } from '../events/event-id.ts';
import { buildEvent, type EventRecord } from '../events/event-record.ts';
import { type DeliveryState, untried } from '../state/delivery-state.ts';
import type { Line, Sink } from '../state/sink.ts';
import { type Cursor, StateError, type Store } from '../state/store.ts';
import { Backlog } from './backlog.ts';
import { type AfterAttempt, afterAttempt, afterStart, giveUpAt, waitMs } from './delivery.ts';
import { DropReports } from './drop-reports.ts';
import { EventQueue } from './event-queue.ts';
import { isSelected } from './selection.ts';
import type { Known, Outcome, Sender } from './sender.ts';
import { type SinkStatus, sinkStatus } from './sink-status.ts';
import { isSuperseded } from './superseded.ts';

/** What memory holds, and what is read of the log at once. */
const limits = { events: 500, uncommitted: 10_000, passing: 0 };
/** The clock may be set, or the machine suspended, while a sink waits. */
const longestWaitMs = 60_000;
const unreadableRetryMs = 1_000;
const notAllowedRetryMs = 1_000;

/** What a sink needs beside its settings. */
export interface NotificationContext {
  readonly log: Pick<Store, 'eventsFrom'>;
  /** Whether it gets only what is in the log. */
  readonly onlyCommitted?: boolean;
  /** Whether messages may be sent now: not while another watcher may send the same. Default: always. */
  readonly maySend?: () => boolean;
  /** Returns what is known now about what an event is about. */
  readonly known: (record: EventRecord) => Known;
  readonly emit: Emit;
  /** Called after every attempt. */
  readonly onAttempt: (sink: string, outcome: Outcome) => void;
  readonly onFault: (error: unknown) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  /** Runs the work after this delay in ms, at the earliest. Returns a function that cancels it. */
  readonly defer: (work: () => void, delayMs: number) => () => void;
}

/** Returns the name of a receiver's cursor in the store. */
export function cursorName(receiver: string): string {
  return `notify/${receiver}`;
}

/** A receiver of notifications as a sink: one request at a time, in the order of the log, until each has arrived. */
export class NotificationSink implements Sink {
  readonly name: string;
  readonly begins = 'now';
  readonly #context: NotificationContext;
  readonly #queue = new EventQueue(limits);
  readonly #backlog = new Backlog((record) => this.#isWanted(record));
  readonly #drops: DropReports;
  readonly #stopping = new AbortController();
  #settings: SinkSettings;
  #sender: Sender;
  #delivery = untried;
  #onProgress = (): void => {};
  #isRunning = false;
  /** What the log has behind the cursor is not counted yet. */
  #isUncounted = true;
  /** Something may be new since the queue was last looked at. */
  #isAsked = false;
  #cancelWait = (): void => {};

  constructor(settings: SinkSettings, sender: Sender, context: NotificationContext) {
    this.name = cursorName(settings.name);
    this.#settings = settings;
    this.#sender = sender;
    this.#context = context;
    this.#drops = new DropReports(settings.name, context);
  }

  get cursor(): number {
    return this.#queue.cursor;
  }

  get delivery(): DeliveryState {
    return this.#delivery;
  }

  get delivered(): boolean {
    return !this.#isRunning;
  }

  /** How it stands now. */
  get status(): SinkStatus {
    const oldest = this.#queue.waiting.find((record) => this.#isWanted(record));
    const count = Math.max(this.#backlog.count, oldest === undefined ? 0 : 1);
    return sinkStatus(this.#settings, this.#delivery, { count, oldest });
  }

  start(
    { position, delivery = untried }: Pick<Cursor, 'position' | 'delivery'>,
    onProgress: () => void,
  ): void {
    this.#onProgress = onProgress;
    this.#delivery = afterStart(delivery, this.#context.now());
    this.#queue.start(position);
  }

  restart(position: number): void {
    this.#queue.restart(position);
  }

  offer(lines: readonly Line[]): void {
    const { onlyCommitted } = this.#context;
    const mine = lines.filter(
      ({ kind }) => kind === 'committed' || (kind === 'uncommitted' && !onlyCommitted),
    );
    this.#queue.offer(mine);
    this.#backlog.offer(mine);
  }

  /** Begins to deliver what waits, unless it is doing so or waits for another attempt. */
  deliver(): Promise<boolean> {
    this.#isAsked = true;
    if (!this.#isRunning) void this.#run().catch(this.#context.onFault);
    return Promise.resolve(true);
  }

  /** Uses other settings from the next attempt on, which is made now. A receiver that wanted nothing is asked again. */
  use(settings: SinkSettings, sender: Sender): void {
    this.#settings = settings;
    this.#sender = sender;
    this.#isUncounted = true;
    this.#delivery = { ...this.#delivery, gone: undefined, nextAttemptAt: undefined };
    void this.deliver();
  }

  /** Ends an attempt that is under way, as if it had not been made. */
  stop(): void {
    this.#stopping.abort();
    this.#cancelWait();
    this.#drops.close();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    this.#cancelWait();
    try {
      while (this.#isAsked && !this.#stopping.signal.aborted) {
        this.#isAsked = false;
        if (this.#isUncounted) {
          this.#isUncounted = false;
          await this.#backlog.countFrom(this.#context.log, this.cursor);
        }
        for (let record = await this.#next(); record !== undefined; record = await this.#next()) {
          const wait = this.#waitMs(record);
          if (wait > 0) {
            this.#wait(wait);
            return;
          }
          if (this.#delivery.gone === true) this.#drop(record, 'gave_up', lastOutcome(this.#delivery));
          else await this.#attempt(record);
          this.#onProgress();
          if (this.#stopping.signal.aborted) return;
        }
      }
    } finally {
      this.#isRunning = false;
    }
  }

  /** Resolves to the next event to send, and passes over those that are not. */
  async #next(): Promise<EventRecord | undefined> {
    const from = this.cursor;
    try {
      for (;;) {
        const record = this.#queue.next ?? (await this.#readBack());
        if (record === undefined) {
          if (this.#queue.isEmpty) this.#backlog.clear();
          return undefined;
        }
        if (
          record !== 'read' &&
          this.#isWanted(record) &&
          !isSuperseded(record, () => this.#queue.waiting.slice(1).filter((later) => this.#isWanted(later)))
        )
          return record;
        if (record !== 'read') this.#done(record);
      }
    } finally {
      if (this.cursor !== from) this.#onProgress();
    }
  }

  /** Reads the log where events are there alone. Resolves to an event in memory where it cannot be read. */
  async #readBack(): Promise<EventRecord | 'read' | undefined> {
    const { missing } = this.#queue;
    if (missing === undefined) return undefined;
    try {
      this.#queue.refill(missing, await this.#context.log.eventsFrom(missing, limits.events), limits.events);
      // The log may be long, and nothing of it selected: everything else has its turn.
      await setImmediate();
      return 'read';
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      // A delay is worse than another order.
      const ahead = this.#queue.nextAhead;
      if (ahead === undefined) this.#wait(unreadableRetryMs);
      return ahead;
    }
  }

  async #attempt(record: EventRecord): Promise<void> {
    const { known, now, random, onAttempt } = this.#context;
    const { signal } = this.#stopping;
    const sender = this.#sender;
    const outcome = await sender.send(record, known(record), signal);
    if (signal.aborted) return;
    // Former settings say nothing of the present ones, which are tried at once.
    if (sender !== this.#sender && outcome.result !== 'delivered') return;
    onAttempt(this.#settings.name, outcome);
    const after = afterAttempt(this.#delivery, {
      outcome,
      now: now(),
      eventAt: Date.parse(record.time),
      giveUpAfterMs: this.#settings.giveUpAfter,
      random: random(),
    });
    const before = this.#delivery;
    this.#delivery = after.state;
    if (after.event === 'delivered') this.#done(record);
    else if (after.event !== 'waits') this.#drop(record, after.event, outcome);
    this.#report(after, before, outcome);
  }

  #done(record: EventRecord): void {
    this.#queue.markDelivered(record);
    this.#backlog.done(record);
  }

  #drop(record: EventRecord, reason: 'rejected' | 'gave_up', outcome: Omit<Outcome, 'result'>): void {
    this.#done(record);
    this.#drops.add(record, reason, outcome);
  }

  #report({ report }: AfterAttempt, before: DeliveryState, outcome: Outcome): void {
    if (report === undefined) return;
    const { emit, now } = this.#context;
    const { waiting, name } = this.status;
    const { failures, failingSince = now(), gone } = report === 'recovered' ? before : this.#delivery;
    // What wants nothing any more is asked again by each start and reload, and each time that is another event.
    const at = gone === true ? now() : failingSince;
    const idOf = (event: string): string => eventId({ subject: name, event, at });
    if (report === 'recovered') {
      const event = 'watcher.sink_recovered';
      const downSeconds = Math.max(0, Math.round((now() - failingSince) / 1000));
      emit(buildEvent(event, { eventId: idOf(event), sink: name, downSeconds, waiting }, now()));
      return;
    }
    const event = 'watcher.sink_unavailable';
    const fields = {
      eventId: idOf(event),
      sink: name,
      failures,
      since: new Date(failingSince).toISOString(),
      answer: outcome.answer,
      httpStatus: outcome.status,
      remedy: outcome.remedy,
      waiting,
      ...(gone === true && { stopped: gone }),
    };
    emit(buildEvent(event, fields, now()));
  }

  #waitMs(record: EventRecord): number {
    const { maySend = () => true } = this.#context;
    if (!maySend()) return notAllowedRetryMs;
    const now = this.#context.now();
    const { giveUpAfter } = this.#settings;
    return this.#delivery.gone === true
      ? giveUpAt(this.#delivery, Date.parse(record.time), giveUpAfter) - now
      : waitMs(this.#delivery, now);
  }

  #wait(delayMs: number): void {
    this.#cancelWait();
    this.#cancelWait = this.#context.defer(() => void this.deliver(), Math.min(delayMs, longestWaitMs));
  }

  #isWanted(record: EventRecord): boolean {
    return isSelected(this.#settings, record);
  }
}

function lastOutcome({ lastAnswer }: DeliveryState): Omit<Outcome, 'result'> {
  return {
    answer: lastAnswer?.text ?? '',
    remedy: 'Correct or remove this receiver under notify, and reload.',
  };
}
