import type { CredentialKind } from '../atlas/authenticator.ts';
import type { EventRecord } from '../events/event-record.ts';
import type { SinkStatus } from '../sinks/sink-status.ts';
import type { ScopeOutage } from '../state/migration-state.ts';
import type { Store } from '../state/store.ts';
import type { MigrationSnapshot } from '../watch/fleet.ts';
import type { Liveness } from '../watch/liveness.ts';
import type { RoleView } from '../watch/role.ts';
import type { StandingPolicyOf } from '../watch/standing.ts';
import type { Counters } from './counters.ts';

/** What the server answers from. */
export interface ServerContext {
  readonly version: string;
  /** When the watcher started, in ms since 1970. */
  readonly startedAt: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly counters: Counters;
  readonly store: StoreReader;
  readonly watch: WatchReader;
  readonly redact: RedactedCopy;
  /** Reports a fault of the server itself to people. No event is about it. */
  readonly warn: (sentence: string) => void;
}

/** What is being watched. It is read again for each answer, because polls and reloads change it. */
export interface WatchReader {
  settings(): ServedSettings;
  /** All migrations, in the order of the configuration. */
  snapshots(): readonly MigrationSnapshot[];
  /** Outages of scopes that are not over. */
  openOutages(): readonly ScopeOutage[];
  /** Whether the poll loop runs. It never depends on Atlas. */
  liveness(): Liveness;
  status(): WatcherStatus;
  /** What this watcher does among those that share its store. */
  role(): RoleView;
  notifications(): NotificationStatus;
}

/** How notifications stand. */
export interface NotificationStatus {
  /** All receivers, in the order of the configuration. */
  readonly receivers: readonly SinkStatus[];
  /** When the ping was last taken in this run, in ms since 1970. */
  readonly pingTakenAt: number | undefined;
}

/** The part of the configuration in use that answers depend on. */
export interface ServedSettings {
  /** Address of Atlas. */
  readonly atlasUrl: string;
  /** Host names, besides its addresses, under which the server answers. */
  readonly allowedHosts: readonly string[];
  /** The name of this watcher; undefined where it has none. */
  readonly title: string | undefined;
  readonly policyOf: StandingPolicyOf;
  readonly credential: CredentialKind;
}

/** The status of the watcher. */
export interface WatcherStatus {
  /** Whether every migration has been polled in this run; of a standby, whether its latest look at the store succeeded. */
  readonly firstRoundDone: boolean;
  /** Whether the configuration in use is the latest one that was read. */
  readonly configCurrent: boolean;
  /** Whether the state can be written; of a standby, whether it can be read. */
  readonly stateWritable: boolean;
}

/** Copies without secrets. */
interface RedactedCopy {
  /** Returns an event as it is written to the log. */
  event(record: EventRecord): EventRecord;
  data<Data>(data: Data): Data;
}

/** The part of the store that answers are read from. */
type StoreReader = Pick<
  Store,
  'samples' | 'latestSamples' | 'eventsAfter' | 'eventsFrom' | 'eventsNamed' | 'latestEvents'
>;
