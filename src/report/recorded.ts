import { keyOf, type MigrationId } from '../atlas/migration-resource.ts';
import type { EventRecord } from '../events/event-record.ts';
import type { MigrationState } from '../state/migration-state.ts';
import type { RecordedMigration } from '../state/sqlite/reader.ts';
import type { LagSample } from '../state/store.ts';
import type { Target } from '../watch/migration/target.ts';

/** Events after which a migration is no longer watched. */
export const endings: ReadonlySet<string> = new Set([
  'migration.completed',
  'migration.failed',
  'migration.expired',
  'migration.disappeared',
]);

/** All that is recorded of one migration. */
export interface Recording extends Target {
  /** Undefined before its first poll. */
  readonly state: MigrationState | undefined;
  /** Oldest first. */
  readonly events: readonly EventRecord[];
  /** Oldest first. */
  readonly samples: readonly LagSample[];
}

/** The parts of a record that {@link recordingOf} and {@link targetsOf} read. */
export interface RecordSource {
  migrations(): readonly MigrationId[];
  latestEvents(): readonly EventRecord[];
  events(migration: MigrationId): Iterable<EventRecord>;
  migration(migration: MigrationId, now: number): RecordedMigration | undefined;
}

/**
 * Returns every migration of which something may be recorded: first those of the configuration in its order, then
 * former ones under their latest name. Several migrations may have had one name, one after the other.
 */
export function targetsOf(
  configured: readonly Target[],
  record: RecordSource | undefined,
): readonly Target[] {
  if (record === undefined) return configured;
  const known = new Set(configured.map(keyOf));
  const former = record.migrations().filter((migration) => !known.has(keyOf(migration)));
  if (former.length === 0) return configured;
  const latest = new Map(record.latestEvents().map((event) => [keyOfEvent(event), event]));
  return [...configured, ...former.map((migration) => formerTarget(migration, latest.get(keyOf(migration))))];
}

/** Returns what is recorded of one migration. `now` in ms since 1970. */
export function recordingOf(target: Target, record: RecordSource | undefined, now: number): Recording {
  const recorded = record?.migration(target, now);
  const events = [...(record?.events(target) ?? [])];
  const own = events.filter(({ liveMigrationId }) => liveMigrationId !== undefined);
  const ofScopes = events.filter(({ liveMigrationId }) => liveMigrationId === undefined);
  return {
    ...target,
    state: recorded?.state,
    samples: recorded?.samples ?? [],
    events: withScopes(own, ofScopes),
  };
}

function keyOfEvent({ groupId, liveMigrationId }: EventRecord): string {
  return keyOf({ groupId: String(groupId), liveMigrationId: String(liveMigrationId) });
}

/** Adds the events of the account and of the project that a migration belongs to, while it was watched. */
function withScopes(own: readonly EventRecord[], ofScopes: readonly EventRecord[]): readonly EventRecord[] {
  const [first, last] = [own[0], own.at(-1)];
  const until = last !== undefined && endings.has(last.event) ? last.time : undefined;
  const shared = ofScopes.filter(
    ({ time }) => (first === undefined || time >= first.time) && (until === undefined || time <= until),
  );
  return shared.length === 0 ? own : [...own, ...shared].toSorted(byTime);
}

function byTime(one: EventRecord, other: EventRecord): number {
  return Date.parse(one.time) - Date.parse(other.time);
}

function formerTarget({ groupId, liveMigrationId }: MigrationId, latest: EventRecord | undefined): Target {
  const name = typeof latest?.migration === 'string' ? latest.migration : liveMigrationId;
  const labels = (latest?.labels ?? {}) as Target['labels'];
  return { groupId, liveMigrationId, name, labels };
}
