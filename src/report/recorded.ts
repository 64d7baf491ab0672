import { keyOf, type MigrationId } from '../atlas/migration-resource.ts';
import type { EventRecord } from '../events/event-record.ts';
import type { MigrationState } from '../state/migration-state.ts';
import type { StateRecord } from '../state/record.ts';
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
 * Resolves to every migration of which something may be recorded: first those of the configuration in its order, then
 * former ones under their latest name. Several migrations may have had one name, one after the other.
 */
export async function targetsOf(
  configured: readonly Target[],
  record: Pick<StateRecord, 'migrations' | 'latestEvents'>,
): Promise<readonly Target[]> {
  const known = new Set(configured.map(keyOf));
  const former = (await record.migrations()).filter((migration) => !known.has(keyOf(migration)));
  if (former.length === 0) return configured;
  const latest = new Map((await record.latestEvents()).map((event) => [keyOfEvent(event), event]));
  return [...configured, ...former.map((migration) => formerTarget(migration, latest.get(keyOf(migration))))];
}

/** Resolves to what is recorded of one migration. `now` in ms since 1970. */
export async function readRecording(
  target: Target,
  record: Pick<StateRecord, 'events' | 'migration'>,
  now: number,
): Promise<Recording> {
  const recorded = await record.migration(target, now);
  return recordingOf(target, {
    state: recorded?.state,
    samples: recorded?.samples ?? [],
    events: await Array.fromAsync(record.events(target)),
  });
}

/** Returns a recording. The events are those of the migration, of its project and of the account, oldest first. */
export function recordingOf(
  target: Target,
  { state, samples, events }: Pick<Recording, 'state' | 'samples' | 'events'>,
): Recording {
  const own = events.filter(({ liveMigrationId }) => liveMigrationId !== undefined);
  const ofScopes = events.filter(({ liveMigrationId }) => liveMigrationId === undefined);
  return { ...target, state, samples, events: withScopes(own, ofScopes) };
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
