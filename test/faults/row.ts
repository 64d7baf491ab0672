import type { ErrorKind } from '../../src/atlas/error-kind.ts';
import type { EventName } from '../../src/events/catalogue.ts';

/** Everything that the watcher must live through. */
export const ordeals: readonly string[] = [
  'DNS, refused, reset, blackhole, slow headers, slow body, half body, TLS expired, TLS unknown, TLS wrong host',
  'proxy refused, 400, 401, 402, 403, 404, 406, 410, 429 seconds, 429 HTTP date, 429 absent, 429 absurd',
  '500, 502, 503, 504, HTML, empty, 2 MiB, gzip, wrong types, null fields, nonce stale on every reply',
  'nonce changed under concurrency, wrong algorithm, key rotated, disk full, read-only, corrupt store',
  'second watcher, config broken, config emptied, EPIPE, stuck pipe, SIGKILL, SIGTERM twice, clock back',
  'clock forward, I/O error, state folder gone, state file deleted, state file damaged, machine suspended',
].flatMap((line) => line.split(', '));

/** What a person or a script sees of a fault. What is left out is not looked at. */
export interface Sees {
  readonly event?: EventName;
  readonly level?: 'info' | 'warn' | 'error';
  readonly errorType?: ErrorKind;
  readonly httpStatus?: number;
  readonly errorCode?: string;
  /** Of `watcher.state_unavailable`. */
  readonly reason?: string;
  readonly detail?: RegExp;
  readonly remedy?: RegExp;
  /** What is said where there is no event yet. */
  readonly stderr?: RegExp;
  /** How the program ends, by itself or after SIGTERM. */
  readonly exit: number;
}

/** One row of the matrix. */
export interface Row {
  readonly fault: string;
  /** Those of `ordeals` that it is an instance of. */
  readonly covers: readonly string[];
  readonly injected: string;
  readonly sees: Sees;
  /** What happened to the migration meanwhile and is reported all the same, each once and in this order. */
  readonly keeps: readonly EventName[];
  /** The event that says that it is over; or, where there was nothing to say, how it shows. */
  readonly recovers: EventName | `goes on: ${string}` | `next run: ${string}` | `never: ${string}`;
}

/** A row whose scenario is its own. */
export interface ScenarioRow extends Row {
  /** The tool or right without which it cannot be played, by name. */
  readonly needs?: { readonly name: string; readonly here: boolean };
  readonly play: (row: Row) => Promise<void>;
}

/** Becoming ready for cutover, reported of a migration that had been seen before. */
export const turnsReady = ['migration.status_changed', 'migration.ready_for_cutover'] as const;
