import type { AtlasError } from '../../atlas/atlas-error.ts';
import { eventId } from '../../events/event-id.ts';
import { buildEvent, type EventRecord } from '../../events/event-record.ts';
import type { MigrationState, ScopeOutage } from '../../state/migration-state.ts';
import {
  completeEvents,
  draft,
  isoTime,
  type PollContext,
  secondsBetween,
} from '../migration/event-draft.ts';
import { faultFields } from '../migration/failed-poll.ts';
import { isIncurable } from '../migration/reachability.ts';
import type { OutagePolicy } from '../policy.ts';

type Context = Pick<PollContext, 'target' | 'now'>;

/** Returns the state of a failing migration after its outage, or a reminder of it, is reported, and the event. */
export function reportMigration(
  context: Context,
  state: MigrationState,
  error: AtlasError,
  reminder: boolean,
): { readonly state: MigrationState; readonly events: readonly EventRecord[] } {
  const { outage } = state;
  if (outage === undefined) return { state, events: [] };
  const { since, failures } = outage;
  const next = { ...state, outage: { ...outage, reportedAt: context.now } };
  const fields = {
    scope: 'migration' as const,
    ...faultFields(error, state.notFoundInARow),
    since: isoTime(since),
    failures,
    ...(reminder && { reminder: true as const }),
  };
  const event = draft('watcher.unreachable', fields, reminder ? {} : { idAt: since });
  return {
    state: next,
    events: completeEvents(context, next, { state: next, drafts: [event] }),
  };
}

/** Returns the event of a scope that opened, or the reminder of one that is still open. `now` in ms since 1970. */
export function scopeUnreachable(
  outage: ScopeOutage,
  error: AtlasError,
  now: number,
  reminder: boolean,
): EventRecord {
  const { since, migrations } = outage;
  const fields = {
    // Not from `since`: a scope that opens again after a restart may have the same first failure.
    ...scopeFields(outage, 'watcher.unreachable', now),
    migrations,
    ...faultFields(error),
    since: isoTime(since),
    ...(reminder && { reminder: true as const }),
  };
  return buildEvent('watcher.unreachable', fields, now);
}

/** Returns the event of a scope that closed at `now` (ms since 1970). */
export function scopeRecovered(
  outage: ScopeOutage,
  now: number,
  endedBy?: 'reload' | 'settled',
): EventRecord {
  const { since, migrations } = outage;
  const downSeconds = secondsBetween(since, now);
  const fields = {
    ...scopeFields(outage, 'watcher.recovered', now),
    migrations,
    downSeconds,
    ...(endedBy && { endedBy }),
  };
  return buildEvent('watcher.recovered', fields, now);
}

/** A poll that failed after its retries. `repeated`: one of its errorType was a warning within the last minute. */
export interface FailedAttempts {
  readonly error: AtlasError;
  readonly attempts: number;
  readonly repeated: boolean;
}

/** Returns the line of a failed poll, which is not stored; none for a settled migration, of which nothing is expected. */
export function pollFailed(
  context: Context,
  state: MigrationState,
  { error, attempts, repeated }: FailedAttempts,
  { unreachableAfterMs }: Pick<OutagePolicy, 'unreachableAfterMs'>,
): readonly EventRecord[] {
  const { outage, notFoundInARow } = state;
  if (outage === undefined) return [];
  const reportedAfterSeconds = isIncurable(outage) ? 0 : unreachableAfterMs / 1000;
  const line = draft('watcher.poll_failed', {
    ...faultFields(error, notFoundInARow),
    attempts,
    failures: outage.failures,
    ...(outage.reportedAt === undefined && { reportedAfterSeconds }),
    ...(repeated && { repeated: true as const }),
  });
  return completeEvents(context, state, { state, drafts: [line] });
}

function scopeFields({ scope, groupId }: ScopeOutage, event: string, at: number) {
  const subject = groupId === undefined ? scope : `${scope}:${groupId}`;
  return {
    eventId: eventId({ subject, event, at }),
    scope,
    ...(groupId !== undefined && { groupId }),
  };
}
