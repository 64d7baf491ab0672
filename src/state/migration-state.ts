import type { EventFields } from '../events/catalogue.ts';
import type { OperatorWord, StatedDeadline } from './operator-word.ts';

export type ErrorType = EventFields['watcher.unreachable']['errorType'];

/** One successful read of a migration. What the reply left out is absent. */
export interface Observation {
  readonly status?: string;
  readonly readyForCutover?: boolean;
  readonly lagTimeSeconds?: number;
  readonly migrationHosts?: readonly string[];
  /** Milliseconds since 1970. */
  readonly observedAt: number;
}

/** A time in which Atlas reports that the migration is ready for cutover. */
export interface Readiness {
  /** First observation of it, in ms since 1970. */
  readonly since: number;
  /** False when the migration was ready at first sight: it had begun at an unknown time before. */
  readonly sinceKnown: boolean;
  /** When the latest reminder was due, in ms since 1970. */
  readonly remindedAt?: number;
  /** Thresholds before the deadline whose warnings were emitted, in ms. */
  readonly warnedMs?: readonly number[];
  /** The event that the estimated deadline has passed was emitted. */
  readonly deadlinePassed?: true;
  /** The deadline that the two fields above are about, in ms since 1970: a different deadline starts over. */
  readonly warnedOf?: number;
  /** When a corrected clock or another deadline last dropped some of the above, in ms since 1970. */
  readonly correctedAt?: number;
  /** The end of the window, where somebody stated it. */
  readonly stated?: StatedDeadline;
  /** Reminders that were due until then rested, in ms since 1970. */
  readonly quietUntil?: number;
  /** Present while its lag is above `cutover.lagAtMost`. */
  readonly lagHigh?: LagHigh;
  /** Whether the cutover seems to have begun; absent while Atlas has reported no lag in this readiness. */
  readonly cutover?: CutoverSigns;
}

/** A lag of a ready migration that would make a cutover take long. */
interface LagHigh {
  /** For how long it was observed, in ms, and until when, in ms since 1970. */
  readonly forMs: number;
  readonly observedAt: number;
  readonly reported?: true;
}

/** What the lag of a ready migration shows: Atlas reports none once the cutover has begun. */
export interface CutoverSigns {
  /** Observations in a row without a lag; counted up to the number that shows a cutover. */
  readonly withoutLag: number;
  /** When that number was reached, in ms since 1970. */
  readonly startedAt?: number;
}

/** A readiness that was withdrawn. One that comes back soon continues its window. */
export interface Withdrawal {
  readonly readiness: Readiness;
  /** First observation without readiness, in ms since 1970. */
  readonly at: number;
}

/** The progress of a migration's lag while the data is copied. */
export interface LagProgress {
  /** The lowest lag since the latest progress, and the highest since then, in seconds. */
  readonly lowest: number;
  readonly highest: number;
  /** When the latest of its observations was made, in ms since 1970. */
  readonly observedAt: number;
  /** Time without progress since the latest progress, in ms, as far as it was observed. */
  readonly idleMs: number;
  readonly stalled: boolean;
  /** The stalls since the lag was lowest, and how low it was, in seconds; absent where there was none. */
  readonly stalls?: { readonly count: number; readonly lowest: number };
}

/** Polls of one migration that failed in a row. */
export interface Outage {
  readonly failures: number;
  /** When the first of them began, in ms since 1970. */
  readonly since: number;
  readonly errorType: ErrorType;
  /** Set for a 404 of a migration that was seen before: another poll may find it again. */
  readonly mayPass?: true;
  /** When it was last reported for this migration itself, in ms since 1970; absent while it was not. */
  readonly reportedAt?: number;
}

/** An outage that was reported for a project or for the account. */
export interface ScopeOutage {
  readonly scope: 'project' | 'account';
  /** Of a project. */
  readonly groupId?: string;
  /** When it began, in ms since 1970. */
  readonly since: number;
  /** When it was last reported, in ms since 1970. */
  readonly reportedAt: number;
  /** How many were not known to answer when it was last reported. */
  readonly migrations: number;
  readonly errorType: ErrorType;
  /** Key of the migration whose polls test whether the scope can be read again. */
  readonly probe: string;
}

/** What identifies the scope of an outage in the store. */
export type ScopeKey = 'account' | `project:${string}`;

/** A time without observations of a migration, between one observation and the next. */
export interface ObservationGap {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly reason: 'unreachable' | 'not watched';
}

/** How a migration ended. */
export type Settlement = 'COMPLETE' | 'FAILED' | 'EXPIRED' | 'DISAPPEARED';

/** Everything that is remembered of one migration across restarts. */
export interface MigrationState {
  /** When this state was begun, in ms since 1970. */
  readonly rememberedSince: number;
  /** First and latest observation; absent while no poll has succeeded. */
  readonly firstObservedAt?: number;
  readonly observation?: Observation;
  /** The latest value of each field that replies may leave out: a missing field is no change. */
  readonly known: Pick<Observation, 'status' | 'readyForCutover' | 'migrationHosts'>;
  /** When the status was last observed to change, in ms since 1970; absent where it never was. */
  readonly statusSince?: number;
  readonly readiness?: Readiness;
  /** The latest withdrawal, as long as its window may be continued. */
  readonly withdrawn?: Withdrawal;
  /** It was ready for cutover at an earlier time. */
  readonly readyBefore?: true;
  /** Only while the data is copied and the migration is not ready. */
  readonly lagProgress?: LagProgress;
  readonly settlement?: Settlement;
  /** When the end was first observed, in ms since 1970. */
  readonly settledAt?: number;
  readonly outage?: Outage;
  /** Oldest first; absent where there was none. */
  readonly gaps?: readonly ObservationGap[];
  /** Polls in a row that were answered with 404 after the migration had been observed. */
  readonly notFoundInARow: number;
  /** When the first of them began, in ms since 1970. */
  readonly notFoundSince?: number;
  /** Undocumented statuses that were reported. */
  readonly reportedStatuses: readonly string[];
  /** What people stated. */
  readonly operator?: OperatorWord;
}

/** The shape of states in files of schema 1 and 2, as far as it differs. */
interface FormerFields {
  readonly absences?: number;
  readonly occurrences?: Readonly<Record<string, number>>;
  readonly unseen?: readonly { readonly from: number; readonly to: number; readonly because: string }[];
  readonly outage?: {
    readonly failures: number;
    readonly since: number;
    readonly errorType?: ErrorType;
    readonly mayPass?: true;
    readonly reportedAt?: number;
    readonly told?: 'for itself' | 'for all' | 'by another' | 'before';
    readonly toldAt?: number;
  };
}

/** Returns the key of the scope of an outage. */
export function scopeKey({ scope, groupId = '' }: Pick<ScopeOutage, 'scope' | 'groupId'>): ScopeKey {
  return scope === 'account' ? 'account' : `project:${groupId}`;
}

/** Returns a stored state in the present shape; it may have the shape of files of schema 1 and 2. It may be invalid. */
export function upgradeState(stored: Omit<Partial<MigrationState>, 'outage'> & FormerFields): object {
  const { absences = 0, occurrences = {}, unseen = [], outage, ...current } = stored;
  const gaps = current.gaps ?? unseen.map(gapOf);
  // Until this was stored, a settled migration was not read any more: its latest observation is that of its end.
  const settledAt = current.settledAt ?? (current.settlement && current.observation?.observedAt);
  return {
    ...current,
    rememberedSince: current.rememberedSince ?? current.firstObservedAt ?? 0,
    notFoundInARow: current.notFoundInARow ?? absences,
    ...((occurrences['migration.ready_for_cutover'] ?? 0) > 0 && { readyBefore: true }),
    ...(gaps.length > 0 && { gaps }),
    ...(settledAt !== undefined && { settledAt }),
    ...(outage !== undefined && { outage: outageOf(outage) }),
  };
}

function gapOf({ from, to, because }: NonNullable<FormerFields['unseen']>[number]): ObservationGap {
  return { from, to, reason: because === 'unreachable' ? because : 'not watched' };
}

/** An outage that another migration had reported was not reported for this one. Its kind was not stored. */
function outageOf(stored: NonNullable<FormerFields['outage']>): Outage {
  const { failures, since, errorType = 'network', mayPass, told } = stored;
  const reported = told === 'for itself' || told === 'for all';
  const reportedAt = stored.reportedAt ?? (reported ? (stored.toldAt ?? since) : undefined);
  return {
    failures,
    since,
    errorType,
    ...(mayPass && { mayPass }),
    ...(reportedAt !== undefined && { reportedAt }),
  };
}
