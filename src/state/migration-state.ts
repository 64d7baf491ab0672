import type { EventName } from '../events/catalogue.ts';

/** One successful read of a migration. What the reply left out is not there. */
export interface Observation {
  readonly status?: string;
  readonly readyForCutover?: boolean;
  readonly lagTimeSeconds?: number;
  readonly migrationHosts?: readonly string[];
  /** Milliseconds since 1970. */
  readonly observedAt: number;
}

/** A time in which Atlas says that cutover may be started. */
export interface Readiness {
  /** First observation of it, in ms since 1970. */
  readonly since: number;
  /** False when it had begun at some unknown time before the watcher first looked. */
  readonly sinceKnown: boolean;
  /** When the latest reminder fell due, in ms since 1970. */
  readonly remindedAt?: number;
  /** Thresholds before the deadline that have been warned of, in ms. */
  readonly warnedMs?: readonly number[];
  /** Whether people have been told that the estimated deadline has passed. */
  readonly deadlinePassed?: true;
  /** The deadline that the two above are about, in ms since 1970: with another window, all is due anew. */
  readonly warnedOf?: number;
}

/** How a migration's lag gets on while it is copied. */
export interface LagProgress {
  /** The lowest lag since the latest progress, and the highest since then, in seconds. */
  readonly lowest: number;
  readonly highest: number;
  /** When the latest of its observations was made, in ms since 1970. */
  readonly observedAt: number;
  /** Time without progress since the latest, in ms, as far as it was watched. */
  readonly idleMs: number;
  readonly stalled: boolean;
}

/** A run of polls that failed, one after the other. */
export interface Outage {
  readonly failures: number;
  /** When the first of them failed, in ms since 1970. */
  readonly since: number;
  /**
   * Whether people have been told, and whether it was this migration that told them of an outage of all. `before`:
   * they have been told of the end of that one since, but this migration fails still.
   */
  readonly told?: 'for itself' | 'for all' | 'by another' | 'before';
  /** When they were told last, in ms since 1970. */
  readonly toldAt?: number;
  /** How many were said to share it when it was told for all. */
  readonly migrations?: number;
}

/** A time in which a migration could not be seen, between one observation and the next. */
export interface UnseenSpell {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly because: 'unreachable' | 'not watched';
}

/** How a migration ended. Nothing is read of it any more, but of one that disappeared once after a start or reload. */
export type Settlement = 'COMPLETE' | 'FAILED' | 'EXPIRED' | 'DISAPPEARED';

/** Everything remembered of one migration, across restarts. */
export interface MigrationState {
  /** When this memory began, in ms since 1970. */
  readonly rememberedSince: number;
  /** First and latest observation; absent while no poll has succeeded yet. */
  readonly firstObservedAt?: number;
  readonly observation?: Observation;
  /** The latest value of each field that replies may leave out: silence is no change. */
  readonly known: Pick<Observation, 'status' | 'readyForCutover' | 'migrationHosts'>;
  /** When the status was observed to change last, in ms since 1970; absent where it never was. */
  readonly statusSince?: number;
  readonly readiness?: Readiness;
  /** Only while it is copied and not ready. */
  readonly lagProgress?: LagProgress;
  readonly settlement?: Settlement;
  readonly outage?: Outage;
  /** Oldest first; absent where there was none. */
  readonly unseen?: readonly UnseenSpell[];
  /** Polls in a row that answered 404 after the migration had been seen. */
  readonly absences: number;
  /** Undocumented statuses that have been reported. */
  readonly reportedStatuses: readonly string[];
  /** How often each event has happened, for the ids of events. */
  readonly occurrences: Readonly<Partial<Record<EventName, number>>>;
}
