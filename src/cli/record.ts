import { keyOf } from '../atlas/migration-resource.ts';
import type { StateSettings } from '../config/state-settings.ts';
import type { RecordSource } from '../report/recorded.ts';
import { StateError } from '../state/store.ts';
import type { Target } from '../watch/migration/target.ts';

/** The part of a record that names are looked up in. */
export type NameSource = RecordSource & {
  calledBefore(name: string): readonly Pick<Target, 'groupId' | 'liveMigrationId'>[];
};

/**
 * Returns the migrations, of these, of a name or an id: those that have it now, or else those that had it when
 * something of them was recorded.
 */
export function findTargets(
  targets: readonly Target[],
  name: string,
  record: NameSource | undefined,
): readonly Target[] {
  const found = targets.filter((target) =>
    [target.name, target.liveMigrationId, keyOf(target)].includes(name),
  );
  if (found.length > 0 || record === undefined) return found;
  const keys = new Set(record.calledBefore(name).map(keyOf));
  return targets.filter((target) => keys.has(keyOf(target)));
}

/** Returns the path of the state file. */
export function pathOf(state: StateSettings): string {
  if (state.kind !== 'file') throw new StateError('a database cannot be read yet.');
  return state.path;
}
