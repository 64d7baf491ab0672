import type { EventRecord } from '../events/event-record.ts';
import type { Store } from '../state/store.ts';
import type { MigrationSnapshot } from '../watch/fleet.ts';
import type { Liveness } from '../watch/liveness.ts';
import type { WindowPolicy } from '../watch/migration/readiness-window.ts';
import type { Counters } from './counters.ts';

/** Where answers come from. All of it is asked anew for every request, as a reload may change it. */
export interface ServerContext {
  readonly version: string;
  /** A text of this run alone, by which it can be told from others that listened at its address. */
  readonly instance: string;
  readonly store: Pick<Store, 'path' | 'samples' | 'eventsAfter' | 'latestEvents'>;
  readonly tally: Counters;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** When the watcher started, in ms since 1970. */
  readonly startedAt: number;
  /** Address of Atlas. */
  readonly atlasUrl: () => string;
  readonly liveness: () => Liveness;
  /** Whether every migration has been polled in this run, or had settled before. */
  readonly isRoundDone: () => boolean;
  readonly watched: () => readonly MigrationSnapshot[];
  readonly policy: () => Pick<WindowPolicy, 'windowMs'>;
  readonly allowedHosts: () => readonly string[];
  /** Returns an event as it is written to the log. */
  readonly publicRecord: (record: EventRecord) => EventRecord;
  /** Returns a copy of data without secrets. */
  readonly redact: <Data>(data: Data) => Data;
  /** Says a sentence about a fault of the server itself, which no event is about. */
  readonly complain: (sentence: string) => void;
}
