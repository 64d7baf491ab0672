import { keyOf } from '../../atlas/migration-resource.ts';
import { catalogue, type EventFields, type EventName } from '../../events/catalogue.ts';
import type { Definition, Level } from '../../events/event-definition.ts';
import { eventId } from '../../events/event-id.ts';
import { buildEvent, type EventRecord } from '../../events/event-record.ts';
import type { MigrationState } from '../../state/migration-state.ts';
import type { Target } from './target.ts';

/** The events that may be about one migration, and the fields that all of these have then. */
export type MigrationEventName =
  | 'watcher.unreachable'
  | 'watcher.recovered'
  | 'watcher.request_refused'
  | { [Name in EventName]: EventFields[Name] extends { migration: string } ? Name : never }[EventName];
type CommonFields = EventFields['migration.first_seen'];

/** A time without observations, and a delay, are worth a field beyond so many intervals. */
const lateIntervals = 2;

/** An event without the fields that follow from its migration. */
export interface EventDraft {
  readonly event: MigrationEventName;
  readonly level: Level;
  /** When what the clock makes due was due, in ms since 1970; absent of what an observation shows. */
  readonly dueAt?: number | undefined;
  /** The moment its id follows from, in ms since 1970, where that is neither `dueAt` nor now. */
  readonly idAt?: number | undefined;
  /** Distinguishes events of the same name and moment. */
  readonly detail?: string | number | undefined;
  readonly complete: (common: CommonFields, now: number) => EventRecord;
}

/** What one poll, or the clock, leads to: the state to remember and the events it is worth. */
export interface Transition {
  readonly state: MigrationState;
  readonly drafts: readonly EventDraft[];
}

/** What every decision about a migration needs beside its state. */
export interface PollContext {
  readonly target: Target;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Nothing was read yet in this run, while an earlier run had. */
  readonly resumed: boolean;
  /** The time between two polls on the present schedule, in ms. */
  readonly intervalMs: number;
}

/** Drafts one event from the fields that are its own. */
export function draft<Name extends MigrationEventName>(
  event: Name,
  fields: Omit<EventFields[Name], keyof CommonFields>,
  identity: Pick<EventDraft, 'dueAt' | 'idAt' | 'detail'> = {},
): EventDraft {
  const { level }: Pick<Definition<never>, 'level'> = catalogue[event];
  return {
    event,
    // A level follows from fields of the event's own.
    level: typeof level === 'string' ? level : level(fields as never),
    ...identity,
    complete: (common, now) => buildEvent(event, { ...common, ...fields } as EventFields[Name], now),
  };
}

/** Returns the state of a migration that nothing is known of yet. */
export function initialState(now: number): MigrationState {
  return { rememberedSince: now, known: {}, notFoundInARow: 0, reportedStatuses: [] };
}

/**
 * Completes drafts with their ids, with what `before` and `after` say of the migration, and with what is late by more than
 * two intervals: an observation after the one before, or an event after it was due.
 */
export function completeEvents(
  {
    target,
    now,
    intervalMs = Number.POSITIVE_INFINITY,
  }: Pick<PollContext, 'target' | 'now'> & Partial<Pick<PollContext, 'intervalMs'>>,
  before: MigrationState,
  { state: after, drafts }: Transition,
): readonly EventRecord[] {
  const { name: migration, groupId, liveMigrationId, labels } = target;
  const previous = before.observation === after.observation ? undefined : before.observation;
  const isLate = (since: number): boolean => now - since > lateIntervals * intervalMs;
  const common = {
    migration,
    groupId,
    liveMigrationId,
    ...(Object.keys(labels).length > 0 && { labels }),
    ...currentFields(after),
    ...(previous !== undefined && { previous: previousFields(before) }),
    ...(previous !== undefined &&
      isLate(previous.observedAt) && { gapSeconds: secondsBetween(previous.observedAt, now) }),
  };
  return drafts.map(({ event, dueAt, idAt = dueAt ?? now, detail, complete }) => {
    const id = eventId({ subject: keyOf(target), event, at: idAt, detail });
    const late = dueAt !== undefined && isLate(dueAt) && { lateSeconds: secondsBetween(dueAt, now) };
    return complete({ eventId: id, ...common, ...late }, now);
  });
}

/** Returns a moment in the form of the log: ISO 8601, UTC, milliseconds. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** Returns a length of time in seconds; a clock set back gives no negative one. */
export function secondsBetween(from: number, to: number): number {
  return Math.max(0, Math.round((to - from) / 1000));
}

function currentFields(state: MigrationState): Partial<CommonFields> {
  const { migrationHosts } = state.known;
  return {
    ...previousFields(state),
    ...(migrationHosts !== undefined && { migrationHosts: [...migrationHosts] }),
  };
}

function previousFields({ known, observation }: MigrationState): CommonFields['previous'] {
  if (observation === undefined) return undefined;
  const { status, readyForCutover } = known;
  const { lagTimeSeconds, observedAt } = observation;
  return {
    ...(status !== undefined && { status }),
    ...(readyForCutover !== undefined && { readyForCutover }),
    ...(lagTimeSeconds !== undefined && { lagTimeSeconds }),
    observedAt: isoTime(observedAt),
  };
}
