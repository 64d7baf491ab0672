import type { PollResult } from '../atlas/client.ts';
import { keyOf, type MigrationId } from '../atlas/migration-resource.ts';
import { type EventRecord, isDurable } from '../events/event-record.ts';
import { publicRecord } from '../events/public-record.ts';
import type { Redactor } from '../events/redactor.ts';
import type { ServedSettings, ServerContext } from '../server/context.ts';
import { Counters } from '../server/counters.ts';
import { type HttpServer, startHttpServer } from '../server/http-server.ts';
import { SseHub } from '../server/sse-hub.ts';
import { throttledWarning } from '../server/throttled-warning.ts';
import type { Outcome } from '../sinks/sender.ts';
import type { Target } from '../watch/migration/target.ts';
import { monotonicNow, systemClock } from '../watch/schedule/poller.ts';
import { standingPolicy } from '../watch/standing.ts';
import type { Session } from './session.ts';

export interface TelemetryContext extends Pick<ServerContext, 'version' | 'store' | 'watch'> {
  readonly redactor: Redactor;
  /** Writes a sentence for people. */
  readonly say: (sentence: string) => void;
}

/** Counts events, polls and requests, and passes them to the HTTP server and its streams, if there is one. */
export class Telemetry {
  readonly #counters = new Counters();
  readonly #streams = new SseHub();
  #server: HttpServer | undefined;

  /** Takes events from the recorder. `stored`: the durable ones among them are committed. */
  readonly onEvents = (records: readonly EventRecord[], stored: boolean): void => {
    for (const { event } of records) this.#counters.event(event);
    for (const record of records) this.#markChanged(record);
    this.#streams.broadcast(records.map((record) => ({ record, resumable: stored && isDurable(record) })));
  };

  /** Takes what another watcher has stored: it is shown, and not counted. */
  followed(states: readonly MigrationId[], records: readonly EventRecord[]): void {
    for (const migration of states) this.#streams.markChanged(keyOf(migration));
    for (const record of records) this.#markChanged(record);
    this.#streams.broadcast(records.map((record) => ({ record, resumable: true })));
  }

  /** Takes the end of a poll. */
  readonly onPolled = (target: Target, result: PollResult, durationMs: number): void => {
    const { groupId } = target;
    this.#counters.poll(result.ok ? undefined : result.error.kind, durationMs);
    if (result.requestsRemaining !== undefined)
      this.#counters.remaining.set(groupId, result.requestsRemaining);
    this.#streams.markChanged(keyOf(target));
  };

  /** Takes the end of an HTTP request to Atlas. */
  readonly onRequestEnd = (httpStatus: number | undefined): void => this.#counters.requestEnd(httpStatus);

  /** Takes how long a commit took, in seconds. */
  readonly onCommit = (seconds: number): void => this.#counters.commit(seconds);

  /** Takes the end of an attempt to deliver an event to a receiver. */
  readonly onAttempt = (sink: string, { result }: Outcome): void => this.#counters.attempt(sink, result);

  /** Address of the server; undefined without a server. */
  get origin(): string | undefined {
    return this.#server?.origin;
  }

  /** Starts the server at `host:port`. Throws a ListenError if that fails. */
  async start(listen: string, context: TelemetryContext): Promise<void> {
    const { redactor, say, ...shown } = context;
    const served: ServerContext = {
      ...shown,
      startedAt: systemClock.now(),
      now: () => systemClock.now(),
      counters: this.#counters,
      redact: {
        event: (record) => publicRecord(record, redactor),
        data: <Data>(data: Data) => redactor.data(data) as Data,
      },
      warn: throttledWarning(say, monotonicNow),
    };
    this.#server = await startHttpServer(listen, served, this.#streams);
  }

  /** Sends all migrations to the streams again: a reload, or another role, may have changed everything about them. */
  allChanged(): void {
    this.#streams.markAll();
  }

  /** Lets streams begin again behind the last event that they have: another watcher has recorded some unseen. */
  eventsMissed(): void {
    this.#streams.restart();
  }

  /** An event changes the view of its migration; that of a project or of the account changes those of many. */
  #markChanged({ groupId, liveMigrationId, scope }: EventRecord): void {
    if (typeof groupId === 'string' && typeof liveMigrationId === 'string')
      this.#streams.markChanged(keyOf({ groupId, liveMigrationId }));
    else if (scope !== undefined) this.#streams.markAll();
  }

  async close(graceMs: number): Promise<void> {
    await this.#server?.close(graceMs);
  }
}

/** Returns what answers need of the settings in use. */
export function servedSettings({
  settings: { config, credentials },
  plan,
}: Pick<Session, 'settings' | 'plan'>): ServedSettings {
  return {
    credential: credentials.type,
    atlasUrl: config.atlas.baseUrl,
    allowedHosts: config.http.allowedHosts,
    title: config.http.title,
    policyOf: standingPolicy(plan),
  };
}
