import { randomUUID } from 'node:crypto';
import { catalogue } from '../events/catalogue.ts';
import { publicRecord } from '../events/emitter.ts';
import type { EventRecord } from '../events/event-record.ts';
import type { Redactor } from '../events/redactor.ts';
import { Counters } from '../server/counters.ts';
import { type HttpServer, startHttpServer } from '../server/http-server.ts';
import { SseHub } from '../server/sse-hub.ts';
import { throttledWarning } from '../server/throttled-warning.ts';
import type { Store } from '../state/store.ts';
import type { LedgerOptions } from '../watch/ledger.ts';
import { keyOf } from '../watch/migration/target.ts';
import { monotonicNow } from './clock.ts';
import type { Session, SessionDependencies } from './session.ts';

/** What the server's answers are made of, besides what it is told. */
export interface TelemetryContext {
  readonly watching: Session;
  readonly store: Store;
  readonly redactor: Redactor;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Where sentences for people go. */
  readonly say: (sentence: string) => void;
}

/** What goes on, counted and told to streams, and the server that shows it, if there is one. */
export class Telemetry {
  readonly #tally = new Counters();
  readonly #streams = new SseHub();
  #server: HttpServer | undefined;
  #roundDone = false;
  readonly #instance = randomUUID();

  /** What the ledger is to tell. */
  readonly ledgerHooks: Pick<LedgerOptions, 'onEvents'> = {
    onEvents: (records, stored) => {
      for (const { event } of records) this.#tally.event(event);
      this.#streams.tell(records.map((record) => ({ record, resumable: stored && isRecorded(record) })));
    },
  };

  /** What the watching is to tell. */
  readonly watchingHooks: Pick<SessionDependencies, 'onPolled' | 'onRequestEnd' | 'onRemaining'> = {
    onPolled: (target, result, durationMs) => {
      this.#tally.poll(result.ok ? undefined : result.error.kind, durationMs);
      this.#streams.changed(keyOf(target));
    },
    onRequestEnd: (httpStatus) => this.#tally.requestEnd(httpStatus),
    onRemaining: (groupId, remaining) => void this.#tally.remaining.set(groupId, remaining),
  };

  /** Where the server is, and the text by which it is known there; undefined where there is none. */
  get whereabouts(): { readonly httpAddress: string; readonly instance: string } | undefined {
    return this.#server && { httpAddress: this.#server.origin, instance: this.#instance };
  }

  /** Address of the server; undefined where there is none. */
  get origin(): string | undefined {
    return this.#server?.origin;
  }

  /** Starts the server at this address. Throws a ListenError where that cannot be. */
  async start(
    listen: string,
    { watching, store, redactor, version, now, say }: TelemetryContext,
  ): Promise<void> {
    const sources = {
      version,
      instance: this.#instance,
      store,
      tally: this.#tally,
      now,
      startedAt: now(),
      atlasUrl: () => watching.settings.config.atlas.baseUrl,
      liveness: () => watching.liveness(),
      isRoundDone: () => this.#roundDone,
      watched: () => watching.watcher.watched,
      policy: () => ({ windowMs: watching.settings.config.cutover.window }),
      allowedHosts: () => watching.settings.config.http.allowedHosts,
      publicRecord: (record: EventRecord) => publicRecord(record, redactor),
      redact: <Data>(data: Data) => redactor.data(data) as Data,
      complain: throttledWarning(say, monotonicNow),
    };
    this.#server = await startHttpServer(listen, sources, this.#streams);
  }

  /** The first round of this run is over. */
  roundDone(): void {
    this.#roundDone = true;
  }

  async close(graceMs: number): Promise<void> {
    await this.#server?.close(graceMs);
  }
}

/** Only events about migrations are recorded, and of those not the ones that say nothing lasting. */
function isRecorded({ event, eventId }: EventRecord): boolean {
  return eventId !== undefined && catalogue[event].kept !== false;
}
