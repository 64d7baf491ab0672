import { keyOf } from '../atlas/migration-resource.ts';
import type { Config } from '../config/schema.ts';
import { loadCredentialsOf, registerSecretsIn } from '../daemon/settings.ts';
import { Redactor } from '../events/redactor.ts';
import type { RecordSource } from '../report/recorded.ts';
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

/**
 * Returns a redactor with the secrets of a configuration. What is read of the record may be older than they are, and
 * names may come from the environment as well. Without credentials there are no secrets.
 */
export async function redactorFor(config: Config): Promise<Redactor> {
  const redactor = new Redactor();
  registerSecretsIn(config, redactor);
  await loadCredentialsOf(config, redactor);
  return redactor;
}
