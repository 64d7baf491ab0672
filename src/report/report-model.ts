import type { Level } from '../events/event-definition.ts';
import type { EventRecord } from '../events/event-record.ts';
import type { LagSample } from '../state/store.ts';
import { stallsOf } from '../watch/migration/overlays.ts';
import { type Phase, phasesOf } from '../watch/migration/phases.ts';
import type { Target } from '../watch/migration/target.ts';
import { endings, type Recording } from './recorded.ts';
import { latestEnd, type StatedWords, statedWords } from './stated.ts';

/** How the migration ended, or its present status. */
export type Outcome = 'complete' | 'failed' | 'expired' | 'gone' | 'ready' | 'under way' | 'never seen';

/** The latest time of readiness. Times in ms since 1970. */
interface ReadyTime {
  readonly since: number;
  /** False when it may have begun earlier, in an observation gap. */
  readonly sinceKnown: boolean;
  /** End of the window for the cutover, as stated last, or else estimated. */
  readonly deadline: number;
  /** How many times the migration became ready, this one included. */
  readonly times: number;
  /** Of a further time, with a window of its own: when the first one began, and the end of its window. */
  readonly first?: { readonly since: number; readonly deadline: number };
}

/** A time in which the lag made no progress. Times in ms since 1970. */
interface Stall {
  readonly from: number;
  readonly to: number;
}

/** An observation gap: a time without data of the migration. Times in ms since 1970. */
export interface Gap {
  readonly from: number;
  /** Undefined while it lasts. */
  readonly to: number | undefined;
  readonly reason: 'unreachable' | 'not watched';
  /** What failed, where an event reported it. */
  readonly detail?: string;
}

export interface TimelineEntry {
  readonly at: number;
  readonly level: Level;
  readonly event: string;
  readonly text: string;
  /** It says again that Atlas can't be read. */
  readonly isReminder?: true;
}

/** The report of one migration, which every format renders. Times in ms since 1970. */
export interface MigrationReport extends Target {
  readonly outcome: Outcome;
  readonly status?: string;
  readonly migrationHosts?: readonly string[];
  /** The first observation, and the one that ended the migration, or else the latest. */
  readonly from?: number;
  readonly to?: number;
  readonly ready?: ReadyTime;
  /** Whether the cutover came within the window; undefined while that is open, or where none began. */
  readonly windowRespected?: boolean;
  /** The last lag before the migration was complete. */
  readonly lagAtCutover?: LagSample;
  readonly stated: StatedWords;
  readonly phases: readonly Phase[];
  readonly gaps: readonly Gap[];
  readonly stalls: readonly Stall[];
  /** Every event, oldest first. */
  readonly timeline: readonly TimelineEntry[];
  /** Oldest first. */
  readonly samples: readonly LagSample[];
}

/** Reports, which are made when they are needed. */
export type Reports = (Iterable<MigrationReport> | AsyncIterable<MigrationReport>) & {
  readonly length: number;
};

/** Returns the report of a migration at `now` (ms since 1970). */
export function reportOf(recording: Recording, now: number): MigrationReport {
  const { name, groupId, liveMigrationId, labels, state, events, samples } = recording;
  const target = { name, groupId, liveMigrationId, labels };
  const timeline = events.map(toEntry);
  if (state?.firstObservedAt === undefined)
    return {
      ...target,
      outcome: 'never seen',
      stated: statedWords(events),
      phases: [],
      gaps: gapsOf(recording),
      stalls: [],
      timeline,
      samples,
    };
  const { status, migrationHosts } = state.known;
  // One that is retried under its id has an end that was none.
  const settled = state.settlement && events.findLast(({ event }) => endings.has(event));
  const from = state.firstObservedAt;
  const to = settled === undefined ? (state.observation?.observedAt ?? from) : Date.parse(settled.time);
  const outcome = outcomeOf(recording);
  const stated = statedWords(events);
  const ready = readyTime(events, stated);
  const lagAtCutover =
    outcome === 'complete' && ready !== undefined
      ? samples.findLast(({ observedAt }) => observedAt >= ready.since && observedAt <= to)
      : undefined;
  const windowRespected = ready && respected(outcome, ready, to, now);
  return {
    ...target,
    outcome,
    ...(status !== undefined && { status }),
    ...(migrationHosts !== undefined && { migrationHosts }),
    from,
    to,
    ...(ready && { ready }),
    ...(windowRespected !== undefined && { windowRespected }),
    ...(lagAtCutover && { lagAtCutover }),
    stated,
    phases: phasesOf(events, samples, to),
    gaps: gapsOf(recording),
    stalls: stallsOf(events, to),
    timeline,
    samples,
  };
}

function outcomeOf({ state }: Recording): Outcome {
  switch (state?.settlement) {
    case 'COMPLETE':
      return 'complete';
    case 'FAILED':
      return 'failed';
    case 'EXPIRED':
      return 'expired';
    case 'DISAPPEARED':
      return 'gone';
    default:
      return state?.readiness === undefined ? 'under way' : 'ready';
  }
}

/** Returns the latest readiness; undefined where it was withdrawn. */
function readyTime(events: readonly EventRecord[], stated: StatedWords): ReadyTime | undefined {
  const readinesses = events.filter(({ event }) => event === 'migration.ready_for_cutover');
  const latest = readinesses.at(-1);
  const withdrawn = events.findLast(
    (event) => event.event === 'migration.readiness_withdrawn' && event.cutoverMayHaveBegun !== true,
  );
  if (latest === undefined || (withdrawn !== undefined && events.indexOf(withdrawn) > events.indexOf(latest)))
    return undefined;
  // After a change of cutover.window or an extension, later events have another deadline than that of the readiness.
  const end = latestEnd(events)?.deadline ?? Number.NaN;
  const since = Date.parse(String(latest.readySince));
  const firstSince = Date.parse(String(readinesses[0]?.readySince));
  return {
    since,
    sinceKnown: latest.readySinceKnown === true,
    deadline: end,
    times: readinesses.length,
    // A readiness that comes back soon continues its window. A stated end leaves no doubt about the first.
    ...(firstSince < since &&
      stated.end === undefined && { first: { since: firstSince, deadline: firstSince + end - since } }),
  };
}

function respected(outcome: Outcome, { deadline }: ReadyTime, to: number, now: number): boolean | undefined {
  switch (outcome) {
    case 'complete':
      return to <= deadline;
    case 'expired':
      return false;
    case 'ready':
      return now > deadline ? false : undefined;
    default:
      return undefined;
  }
}

function gapsOf({ state, events }: Recording): readonly Gap[] {
  if (state === undefined) return [];
  const { gaps = [], outage, observation, rememberedSince, settlement } = state;
  const open: readonly Gap[] =
    outage === undefined || outage.failures < 2 || settlement !== undefined
      ? []
      : [{ from: observation?.observedAt ?? rememberedSince, to: undefined, reason: 'unreachable' }];
  return [...gaps, ...open].map((gap) => {
    const reported = events.find(
      ({ event, time }) =>
        event === 'watcher.unreachable' &&
        Date.parse(time) >= gap.from &&
        Date.parse(time) <= (gap.to ?? Number.POSITIVE_INFINITY),
    );
    return typeof reported?.detail === 'string' ? { ...gap, detail: reported.detail } : gap;
  });
}

function toEntry({ time, level, event, msg, reminder }: EventRecord): TimelineEntry {
  return { at: Date.parse(time), level, event, text: msg, ...(reminder === true && { isReminder: true }) };
}
