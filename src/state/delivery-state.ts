/** How the delivery of the event log to one receiver stands, kept beside its cursor over a restart. */
export interface DeliveryState {
  /** Attempts in a row that failed. */
  readonly failures: number;
  /** When the first of them ended, in ms since 1970. */
  readonly failingSince?: number | undefined;
  /** No attempt before this, in ms since 1970. */
  readonly nextAttemptAt?: number | undefined;
  /** `watcher.sink_unavailable` was emitted, and `watcher.sink_recovered` was not yet. */
  readonly reported?: true | undefined;
  /** The receiver wants nothing any more. */
  readonly gone?: true | undefined;
  readonly lastAnswer?: LastAnswer | undefined;
}

/** What the latest attempt has led to. */
interface LastAnswer {
  /** When it ended, in ms since 1970. */
  readonly at: number;
  /** For people: `HTTP 503`. */
  readonly text: string;
  readonly delivered: boolean;
}

/** The state of a receiver that was never tried. */
export const untried: DeliveryState = { failures: 0 };
