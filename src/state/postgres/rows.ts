import { type ScopeOutage, scopeKey } from '../migration-state.ts';
import { readDelivery, readOutage, readState } from '../record-schema.ts';
import { type Cursor, DamagedRecordError, type RecordedState } from '../store.ts';
import type { Connections, Row } from './connections.ts';

/** Resolves to the cursors of all sinks, none of them beyond the last position. */
export async function storedCursors({ query }: Pick<Connections, 'query'>): Promise<readonly Cursor[]> {
  const rows = await query(
    `SELECT sink, greatest(0, least(position, last_position)) AS position, delivery
     FROM cutover_watch.cursor CROSS JOIN cutover_watch.watcher ORDER BY sink COLLATE "C"`,
  );
  return rows.map(({ sink, position, delivery }) => ({
    sink: String(sink),
    position: Number(position),
    ...(delivery !== null && { delivery: readDelivery(delivery) }),
  }));
}

/** Returns the state of a row. Throws a {@link DamagedRecordError} where it is not valid. */
export function stateOf({ group_id, live_migration_id, state }: Row): RecordedState {
  return { groupId: String(group_id), liveMigrationId: String(live_migration_id), state: readState(state) };
}

/** Returns the outage of a row. Throws a {@link DamagedRecordError} where it is not valid. */
export function outageOf({ scope, state }: Row): ScopeOutage {
  const outage = readOutage(state);
  if (scopeKey(outage) === scope) return outage;
  throw new DamagedRecordError('an outage is not valid at scope');
}
