import type { MigrationId } from '../../src/atlas/migration-resource.ts';
import type { EventRecord } from '../../src/events/event-record.ts';
import type { MigrationState, ScopeOutage } from '../../src/state/migration-state.ts';
import type { Batch, LogEntry, RecordedState, Store } from '../../src/state/store.ts';
import { sampleEvent } from '../events/sample-events.ts';

export const start = Date.UTC(2026, 10, 23, 23, 0, 0);
export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

export const orders = {
  groupId: '5f7f5f5f5f5f5f5f5f5f5f5f',
  liveMigrationId: '7e68e12770616e75e6df43d0',
} as const;

/** Returns migration number `n` of a project. */
export function keyOf(n: number, groupId: string = orders.groupId): MigrationId {
  return { groupId, liveMigrationId: n.toString(16).padStart(24, '0') };
}

/** Returns the state of a migration that was observed once, with this status. */
export function stateWith(status: string): MigrationState {
  return {
    rememberedSince: start,
    firstObservedAt: start,
    observation: { status, observedAt: start },
    known: { status },
    notFoundInARow: 0,
    reportedStatuses: [],
  };
}

export function recordedState(status = 'WORKING', key: MigrationId = orders): RecordedState {
  const { groupId, liveMigrationId } = key;
  return { groupId, liveMigrationId, state: stateWith(status) };
}

/** Returns a durable event of a migration with this event id. */
export function eventOf(eventId: string, key: MigrationId = orders): EventRecord {
  const { groupId, liveMigrationId } = key;
  return sampleEvent('migration.hosts_changed', { eventId, groupId, liveMigrationId });
}

/** Returns a durable event of a project, or of the account where there is no project. */
export function scopeEvent(eventId: string, groupId?: string): EventRecord {
  const scope = groupId === undefined ? 'account' : 'project';
  const {
    migration: _name,
    liveMigrationId: _id,
    groupId: _group,
    ...rest
  } = sampleEvent('watcher.unreachable', { eventId, scope });
  return { ...rest, ...(groupId !== undefined && { groupId }) };
}

export const accountOutage: ScopeOutage = {
  scope: 'account',
  since: start,
  reportedAt: start + minute,
  migrations: 7,
  errorType: 'timeout',
  probe: `${orders.groupId}/${orders.liveMigrationId}`,
};

export const projectOutage: ScopeOutage = { ...accountOutage, scope: 'project', groupId: orders.groupId };

/** Returns a batch with these parts. */
export function batchOf(parts: Partial<Batch> = {}): Batch {
  return { states: [], outages: [], samples: [], events: [], cursors: [], ...parts };
}

/** Commits events with the state of the migration, and resolves to their entries in the log. */
export async function commitEvents(store: Store, ...events: readonly EventRecord[]): Promise<LogEntry[]> {
  const result = await store.commit(batchOf({ states: [recordedState()], events }));
  if (result.replaced) throw new Error('the store was replaced');
  const first = result.positions?.first ?? 0;
  return events.map((record, index) => ({ position: first + index, record }));
}

export function idsOf(records: readonly EventRecord[]): string[] {
  return records.flatMap(({ eventId }) => (typeof eventId === 'string' ? [eventId] : []));
}

/** Resolves to the stored position of a sink; 0 where there is none. */
export async function positionOf(store: Pick<Store, 'cursors'>, sink: string): Promise<number> {
  return (await store.cursors()).find((cursor) => cursor.sink === sink)?.position ?? 0;
}
