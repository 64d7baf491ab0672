import type { EventFields, EventName } from '../../events/catalogue.ts';
import { type EventIdentity, eventId } from '../../events/event-id.ts';
import { buildEvent, type EventRecord } from '../../events/event-record.ts';
import type { MigrationState } from '../../state/migration-state.ts';
import type { Target } from './target.ts';

/** The events about one migration, and the fields that all of them have. */
export type MigrationEventName = {
  [Name in EventName]: EventFields[Name] extends { eventId: string } ? Name : never;
}[EventName];
type CommonFields = EventFields['migration.first_seen'];

/** An event without the fields that follow from its migration. */
export interface EventDraft {
  readonly event: MigrationEventName;
  readonly ends?: EventIdentity['ends'];
  readonly complete: (common: CommonFields, now: number) => EventRecord;
}

/** What one poll leads to: what is to be remembered, and the events to commit with it, in their order. */
export interface Transition {
  readonly state: MigrationState;
  readonly events: readonly EventRecord[];
}

/** Drafts one event from the fields that are its own. */
export function draft<Name extends MigrationEventName>(
  event: Name,
  fields: Omit<EventFields[Name], keyof CommonFields>,
): EventDraft {
  return {
    event,
    ...('from' in fields && 'to' in fields && { ends: [fields.from, fields.to] as const }),
    complete: (common, now) => buildEvent(event, { ...common, ...fields } as EventFields[Name], now),
  };
}

/** Returns what is remembered of a migration that nothing is known of yet. */
export function initialState(now: number): MigrationState {
  return { rememberedSince: now, known: {}, absences: 0, reportedStatuses: [], occurrences: {} };
}

/** Completes drafts: numbers them for their ids, and adds what `before` and `after` say of the migration. */
export function completeEvents(
  target: Target,
  before: MigrationState,
  after: MigrationState,
  drafts: readonly EventDraft[],
  now: number,
  whileDown: boolean,
): Transition {
  const { name: migration, groupId, liveMigrationId, labels } = target;
  const occurrences = { ...after.occurrences };
  const events = drafts.map(({ event, ends, complete }) => {
    const occurrence = (occurrences[event] ?? 0) + 1;
    occurrences[event] = occurrence;
    const common = {
      eventId: eventId({
        groupId,
        liveMigrationId,
        rememberedSince: after.rememberedSince,
        event,
        occurrence,
        ...(ends && { ends }),
      }),
      migration,
      groupId,
      liveMigrationId,
      ...(Object.keys(labels).length > 0 && { labels }),
      ...currentFields(after),
      ...(before.observation !== after.observation &&
        before.observation && { previous: previousFields(before) }),
      ...(whileDown && { whileDown }),
    };
    return complete(common, now);
  });
  return { state: { ...after, occurrences }, events };
}

/** Returns a moment in the form of the log: ISO 8601, UTC, milliseconds. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
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
