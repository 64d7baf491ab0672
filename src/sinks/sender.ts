import type { EventRecord } from '../events/event-record.ts';

/** What is known when an event is sent, which may be long after it happened. */
export interface Known {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Name of this watcher (`http.title`). */
  readonly title?: string | undefined;
  /**
   * The window of the event's migration as it is now; `ended`: the migration was ready when the event happened and is
   * not any more. Absent where the event is not about a readiness.
   */
  readonly window?: { readonly deadline: number; readonly estimated: boolean } | 'ended' | undefined;
}

/**
 * What came of an attempt to deliver an event:
 *
 * - `delivered`: the receiver has it.
 * - `failed`: it is tried again: no reply, or one that says that the receiver cannot take it now.
 * - `refused`: it is tried again, but somebody must correct something first: a wrong key or address.
 * - `rejected`: the receiver will never take this event; the next ones are sent.
 * - `gone`: the receiver wants nothing any more.
 */
export interface Outcome {
  readonly result: 'delivered' | 'failed' | 'refused' | 'rejected' | 'gone';
  /** What came back, for people: `HTTP 503`, `no reply within 20 s`. It holds no secret. */
  readonly answer: string;
  /** What to do, as a sentence; empty for `delivered`. */
  readonly remedy: string;
  /** HTTP status or SMTP code, where there was a reply. */
  readonly status?: number | undefined;
  /** How long the receiver asks to wait, in ms. */
  readonly retryAfterMs?: number | undefined;
}

/** Delivers events to one receiver. */
export interface Sender {
  /** Sends one event. Never rejects. */
  readonly send: (record: EventRecord, known: Known, signal: AbortSignal) => Promise<Outcome>;
  /** Ends its connections. */
  close(): Promise<void>;
}
