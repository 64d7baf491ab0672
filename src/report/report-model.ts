import type { Level } from '../events/event-definition.ts';
import type { EventRecord } from '../events/event-record.ts';
import type { LagSample } from '../state/store.ts';
import type { Target } from '../watch/migration/target.ts';
import { type Phase, phasesOf } from './phases.ts';
import type { Recording } from './recorded.ts';

/** How it ended, or where it stands. */
export type Outcome = 'complete' | 'failed' | 'expired' | 'gone' | 'ready' | 'under way' | 'never seen';

/** The latest time of readiness. Times in ms since 1970. */
interface ReadyTime {
  readonly since: number;
  /** False when it may have begun earlier, unseen. */
  readonly sinceKnown: boolean;
  /** Estimated end of the window for the cutover. */
  readonly deadline: number;
  /** How many times the migration became ready, this one included. */
  readonly times: number;
}

/** A time in which the watcher could not see the migration. Times in ms since 1970. */
export interface UnseenTime {
  readonly from: number;
  /** Undefined while it lasts. */
  readonly to: number | undefined;
  readonly because: 'unreachable' | 'not watched';
  /** What was wrong, where it was this migration that told of it. */
  readonly detail?: string;
}

interface TimelineEntry {
  readonly at: number;
  readonly level: Level;
  readonly event: string;
  readonly text: string;
}

/** What there is to tell of a migration after the fact. Times in ms since 1970. */
export interface Story extends Target {
  readonly outcome: Outcome;
  readonly status?: string;
  readonly migrationHosts?: readonly string[];
  /** First observation, and the one that settled it, or else the latest. */
  readonly from?: number;
  readonly to?: number;
  readonly ready?: ReadyTime;
  /** Whether the window for the cutover was respected; undefined while that is open, or where it never began. */
  readonly windowRespected?: boolean;
  /** The last that was told before the migration was complete. */
  readonly lagAtCutover?: LagSample;
  readonly phases: readonly Phase[];
  readonly unseen: readonly UnseenTime[];
  readonly timeline: readonly TimelineEntry[];
  /** Oldest first. */
  readonly samples: readonly LagSample[];
}

/** Returns the story of a migration from what is recorded of it, as of `now` (ms since 1970). */
export function storyOf(recording: Recording, now: number): Story {
  const { name, groupId, liveMigrationId, labels, state, events, samples } = recording;
  const target = { name, groupId, liveMigrationId, labels };
  const timeline = events.map(toEntry);
  if (state?.firstObservedAt === undefined)
    return {
      ...target,
      outcome: 'never seen',
      phases: [],
      unseen: unseenTimes(recording),
      timeline,
      samples,
    };
  const { status, migrationHosts } = state.known;
  const settled = events.find(({ event }) => endings.has(event));
  const from = state.firstObservedAt;
  const to = settled === undefined ? (state.observation?.observedAt ?? from) : Date.parse(settled.time);
  const outcome = outcomeOf(recording);
  const ready = readyTime(events);
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
    phases: phasesOf(events, samples, to),
    unseen: unseenTimes(recording),
    timeline,
    samples,
  };
}

const endings: ReadonlySet<string> = new Set([
  'migration.completed',
  'migration.failed',
  'migration.expired',
  'migration.disappeared',
]);

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

/** A readiness that was withdrawn is over, unless another one began. */
function readyTime(events: readonly EventRecord[]): ReadyTime | undefined {
  const turns = events.filter(({ event }) => event === 'migration.ready_for_cutover');
  const latest = turns.at(-1);
  const withdrawn = events.findLast(({ event }) => event === 'migration.readiness_withdrawn');
  if (latest === undefined || (withdrawn !== undefined && events.indexOf(withdrawn) > events.indexOf(latest)))
    return undefined;
  // With another cutover.window, warnings and reminders tell of another deadline than the readiness itself did.
  const { deadline } = events.findLast((event) => event.deadline !== undefined) ?? latest;
  return {
    since: Date.parse(String(latest.readySince)),
    sinceKnown: latest.readySinceKnown === true,
    deadline: Date.parse(String(deadline)),
    times: turns.length,
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

function unseenTimes({ state, events }: Recording): readonly UnseenTime[] {
  if (state === undefined) return [];
  const { unseen = [], outage, observation, rememberedSince, settlement } = state;
  const lasting: readonly UnseenTime[] =
    outage?.told === undefined || settlement !== undefined
      ? []
      : [{ from: observation?.observedAt ?? rememberedSince, to: undefined, because: 'unreachable' }];
  return [...unseen, ...lasting].map((spell) => {
    const told = events.find(
      ({ event, time }) =>
        event === 'watcher.unreachable' &&
        Date.parse(time) >= spell.from &&
        Date.parse(time) <= (spell.to ?? Number.POSITIVE_INFINITY),
    );
    return typeof told?.detail === 'string' ? { ...spell, detail: told.detail } : spell;
  });
}

function toEntry({ time, level, event, msg }: EventRecord): TimelineEntry {
  return { at: Date.parse(time), level, event, text: msg };
}
