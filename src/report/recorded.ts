import type { EventRecord } from '../events/event-record.ts';
import type { MigrationState } from '../state/migration-state.ts';
import type { RecordedMigration } from '../state/recorded-migrations.ts';
import type { LagSample } from '../state/store.ts';
import type { Target } from '../watch/migration/target.ts';
import { keyOf } from '../watch/migration/target.ts';

/** Everything that is recorded of one migration. */
export interface Recording extends Target {
  /** Undefined where no watcher has polled it yet. */
  readonly state: MigrationState | undefined;
  /** Oldest first. */
  readonly events: readonly EventRecord[];
  /** Oldest first. */
  readonly samples: readonly LagSample[];
}

/**
 * Returns what is recorded of every migration: of those in the configuration in its order, then of those that are not
 * in it any more, under the name they had. One name may have stood for several migrations, one after the other.
 */
export function recordingsOf(
  configured: readonly Target[],
  migrations: readonly RecordedMigration[],
  events: readonly EventRecord[],
): readonly Recording[] {
  const byKey = new Map(migrations.map((migration) => [keyOf(migration), migration]));
  const eventsByKey = Map.groupBy(events, ({ groupId, liveMigrationId }) =>
    keyOf({ groupId: String(groupId), liveMigrationId: String(liveMigrationId) }),
  );
  const known = new Set(configured.map(keyOf));
  const former = migrations
    .filter((migration) => !known.has(keyOf(migration)))
    .map((migration) => formerTarget(migration, eventsByKey.get(keyOf(migration))?.at(-1)));
  return [...configured, ...former].map((target) => ({
    ...target,
    state: byKey.get(keyOf(target))?.state,
    samples: byKey.get(keyOf(target))?.samples ?? [],
    events: eventsByKey.get(keyOf(target)) ?? [],
  }));
}

function formerTarget(
  { groupId, liveMigrationId }: RecordedMigration,
  latest: EventRecord | undefined,
): Target {
  const name = typeof latest?.migration === 'string' ? latest.migration : liveMigrationId;
  const labels = (latest?.labels ?? {}) as Target['labels'];
  return { groupId, liveMigrationId, name, labels };
}
