import { keyOf } from '../atlas/migration-resource.ts';
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

/**
 * Returns what is recorded of every migration: first those of the configuration in its order, then former ones under
 * their latest name. Several migrations may have had one name, one after the other.
 */
export function recordingsOf(
  configured: readonly Target[],
  migrations: readonly RecordedMigration[],
  events: readonly EventRecord[],
): readonly Recording[] {
  const byKey = new Map(migrations.map((migration) => [keyOf(migration), migration]));
  const eventsByKey = Map.groupBy(
    events.filter(({ liveMigrationId }) => liveMigrationId !== undefined),
    ({ groupId, liveMigrationId }) =>
      keyOf({ groupId: String(groupId), liveMigrationId: String(liveMigrationId) }),
  );
  const ofScopes = events.filter(({ liveMigrationId }) => liveMigrationId === undefined);
  const known = new Set(configured.map(keyOf));
  const former = migrations
    .filter((migration) => !known.has(keyOf(migration)))
    .map((migration) => formerTarget(migration, eventsByKey.get(keyOf(migration))?.at(-1)));
  return [...configured, ...former].map((target) => ({
    ...target,
    state: byKey.get(keyOf(target))?.state,
    samples: byKey.get(keyOf(target))?.samples ?? [],
    events: withScopes(eventsByKey.get(keyOf(target)) ?? [], ofScopes, target),
  }));
}

/** Adds the events of the account and of the project that a migration belongs to, while it was watched. */
function withScopes(
  own: readonly EventRecord[],
  ofScopes: readonly EventRecord[],
  { groupId }: Target,
): readonly EventRecord[] {
  const [first, last] = [own[0], own.at(-1)];
  const covering = ofScopes.filter((event) => event.groupId === undefined || event.groupId === groupId);
  const until = last !== undefined && endings.has(last.event) ? last.time : undefined;
  const shared = covering.filter(
    ({ time }) => (first === undefined || time >= first.time) && (until === undefined || time <= until),
  );
  return shared.length === 0 ? own : [...own, ...shared].toSorted(byTime);
}

function byTime(one: EventRecord, other: EventRecord): number {
  return Date.parse(one.time) - Date.parse(other.time);
}

function formerTarget(
  { groupId, liveMigrationId }: RecordedMigration,
  latest: EventRecord | undefined,
): Target {
  const name = typeof latest?.migration === 'string' ? latest.migration : liveMigrationId;
  const labels = (latest?.labels ?? {}) as Target['labels'];
  return { groupId, liveMigrationId, name, labels };
}
