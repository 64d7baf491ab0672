import { keyOf } from '../atlas/migration-resource.ts';
import type { StateSettings } from '../config/state-settings.ts';
import type { StateRecord } from '../state/record.ts';
import type { RequestBox } from '../state/request-box.ts';
import type { Target } from '../watch/migration/target.ts';

/** Opens what a watcher has recorded for reading. Rejects with a `StateError` where it cannot be read. */
export async function openRecord(state: StateSettings): Promise<StateRecord> {
  switch (state.kind) {
    case 'file':
      return (await import('../state/sqlite/reader.ts')).openRecordFile(state.path);
    case 'database':
      return (await import('../state/postgres/record.ts')).openDatabaseRecord(state.url);
  }
}

/** Opens the state of a watcher to leave a request there. Rejects with a `StateError` where that is not possible. */
export async function openRequests(state: StateSettings): Promise<RequestBox> {
  switch (state.kind) {
    case 'file':
      return (await import('../state/sqlite/request-box.ts')).openRequestBox(state.path);
    case 'database':
      return (await import('../state/postgres/request-box.ts')).openDatabaseRequestBox(state.url);
  }
}

/** Returns the migrations, of these, of a name or an id that they have now. */
export function targetsCalled(targets: readonly Target[], name: string): readonly Target[] {
  return targets.filter((target) => [target.name, target.liveMigrationId, keyOf(target)].includes(name));
}

/**
 * Resolves to the migrations, of these, of a name or an id: those that have it now, or else those that had it when
 * something of them was recorded.
 */
export async function findTargets(
  targets: readonly Target[],
  name: string,
  record: Pick<StateRecord, 'calledBefore'>,
): Promise<readonly Target[]> {
  const found = targetsCalled(targets, name);
  if (found.length > 0) return found;
  const keys = new Set((await record.calledBefore(name)).map(keyOf));
  return targets.filter((target) => keys.has(keyOf(target)));
}
