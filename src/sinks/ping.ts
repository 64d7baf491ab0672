import type { PingSettings } from '../config/sink-settings.ts';
import type { Emit } from '../events/emitter.ts';
import { eventId } from '../events/event-id.ts';
import { buildEvent } from '../events/event-record.ts';
import type { Outcome } from './sender.ts';
import type { SinkStatus } from './sink-status.ts';

/** A receiver that fails for this long stops the ping, in ms. */
const stuckAfterMs = 15 * 60_000;
/** What decides is looked at so often, in ms: the loop may wake hundreds of times a second, and there may be much to see. */
const lookEveryMs = 500;
/** Failed pings in a row after which they are reported. */
const reportedAfter = 5;

/** What decides whether the watcher does its work. */
export interface PingFacts {
  /** Why the poll loop does not run, for people; undefined while it does. */
  readonly stuckLoop: string | undefined;
  /**
   * Whether some migration was read within three intervals, or none is left to read; undefined before the first poll
   * has ended.
   */
  readonly isReading: boolean | undefined;
  readonly sinks: readonly SinkStatus[];
  readonly headline: string;
}

export interface PingMessage {
  readonly url: string;
  readonly body: string;
}

/** Sends a message to the service that expects the ping. Never rejects. */
export interface PingSender {
  send(message: PingMessage, signal: AbortSignal): Promise<Outcome>;
  close(): Promise<void>;
}

/** Returns what to send now; undefined for nothing. `now` in ms since 1970. */
export function pingMessage(url: string, facts: PingFacts, now: number): PingMessage | undefined {
  if (facts.isReading === undefined && facts.stuckLoop === undefined) return undefined;
  const reason = reasonAgainst(facts, now);
  if (reason === undefined) return { url, body: facts.headline };
  const failure = failureUrl(url);
  return failure === undefined ? undefined : { url: failure, body: `${reason} ${facts.headline}` };
}

/** Returns why no ping may be sent, as a sentence; undefined while all is well. */
function reasonAgainst({ stuckLoop, isReading, sinks }: PingFacts, now: number): string | undefined {
  if (stuckLoop !== undefined) return stuckLoop;
  if (isReading === false) return 'No migration has been read for three intervals.';
  const stuck = sinks.filter((sink) => isStuck(sink, now)).map(({ name }) => name);
  return stuck.length === 0 ? undefined : `Notifications to ${stuck.join(', ')} do not arrive.`;
}

function isStuck({ state, waiting, failingSince = 0 }: SinkStatus, now: number): boolean {
  return waiting > 0 && state !== 'working' && now - failingSince >= stuckAfterMs;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Returns the address that reports a failure, of a service with the addresses of healthchecks: `/uuid`, `/ping/uuid`,
 * and on hc-ping.com also `/key/name` (healthchecks.io documentation, "Pinging API"). Undefined of any other.
 */
export function failureUrl(url: string): string | undefined {
  const parsed = new URL(url);
  const parts = parsed.pathname.replace(/\/$/, '').split('/').slice(1);
  const own = parts[0] === 'ping' ? parts.slice(1) : parts;
  const isByUuid = own.length === 1 && uuid.test(own[0] ?? '');
  const isByName = own.length === 2 && (parsed.hostname === 'hc-ping.com' || parts[0] === 'ping');
  if (!isByUuid && !isByName) return undefined;
  parsed.pathname = `/${parts.join('/')}/fail`;
  return parsed.href;
}

export interface PingOptions {
  readonly settings: PingSettings;
  readonly sender: PingSender;
  readonly facts: () => PingFacts;
  readonly emit: Emit;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Of a clock that is never set, in ms. */
  readonly monotonic: () => number;
}

/**
 * Asks an address while the watcher does its work, so that a service elsewhere raises an alarm when it does not. The
 * poll loop calls `tick` at least once a second; nothing else sends, and a stop sends nothing.
 */
export class Ping {
  readonly #options: PingOptions;
  readonly #stopping = new AbortController();
  #sentAt = Number.NEGATIVE_INFINITY;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #isUnderWay = false;
  #failures = 0;
  #failingSince = 0;
  #takenAt: number | undefined;

  constructor(options: PingOptions) {
    this.#options = options;
  }

  /** When a ping was last taken that says that all is well, in ms since 1970. */
  get takenAt(): number | undefined {
    return this.#takenAt;
  }

  /** Sends what is due. Resolves when that has ended. */
  async tick(): Promise<void> {
    const { settings, sender, facts, now, monotonic } = this.#options;
    const at = monotonic();
    if (this.#isUnderWay || at - this.#sentAt < settings.every || at - this.#lookedAt < lookEveryMs) return;
    this.#lookedAt = at;
    const message = pingMessage(settings.url, facts(), now());
    if (message === undefined) return;
    this.#sentAt = monotonic();
    this.#isUnderWay = true;
    try {
      const outcome = await sender.send(message, this.#stopping.signal);
      if (this.#stopping.signal.aborted) return;
      if (outcome.result === 'delivered' && message.url === settings.url) this.#takenAt = now();
      this.#note(outcome);
    } finally {
      this.#isUnderWay = false;
    }
  }

  /** Sends nothing more, and ends what is under way. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#options.sender.close();
  }

  #note({ result, answer, status, remedy }: Outcome): void {
    const { emit, now } = this.#options;
    const wasReported = this.#failures >= reportedAfter;
    if (result === 'delivered') {
      const downSeconds = Math.max(0, Math.round((now() - this.#failingSince) / 1000));
      this.#failures = 0;
      if (!wasReported) return;
      const id = this.#idOf('watcher.ping_recovered');
      emit(buildEvent('watcher.ping_recovered', { eventId: id, downSeconds }, now()));
      return;
    }
    if (this.#failures === 0) this.#failingSince = now();
    this.#failures += 1;
    if (this.#failures !== reportedAfter) return;
    const fields = {
      eventId: this.#idOf('watcher.ping_failed'),
      failures: this.#failures,
      since: new Date(this.#failingSince).toISOString(),
      answer,
      ...(status !== undefined && { httpStatus: status }),
      remedy,
    };
    emit(buildEvent('watcher.ping_failed', fields, now()));
  }

  #idOf(event: string): string {
    return eventId({ subject: 'ping', event, at: this.#failingSince });
  }
}
