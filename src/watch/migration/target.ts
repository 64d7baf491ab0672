import { keyOf, type MigrationId } from '../../atlas/migration-resource.ts';

/** One migration to watch, as configured. */
export interface Target extends MigrationId {
  /** How people call it; unique. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What another configuration changes, by the names people know. */
export interface TargetChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Of another name or with other labels than before. */
  readonly changed: readonly string[];
}

/** Returns how two lists of migrations differ; one is the same as another when its two ids are. */
export function targetChanges(former: readonly Target[], next: readonly Target[]): TargetChanges {
  const before = new Map(former.map((target) => [keyOf(target), target]));
  const after = new Set(next.map(keyOf));
  return {
    added: next.filter((target) => !before.has(keyOf(target))).map(nameOf),
    removed: former.filter((target) => !after.has(keyOf(target))).map(nameOf),
    changed: next.filter((target) => differs(before.get(keyOf(target)), target)).map(nameOf),
  };
}

function differs(former: Target | undefined, { name, labels }: Target): boolean {
  return former !== undefined && (former.name !== name || textOf(former.labels) !== textOf(labels));
}

function textOf(labels: Target['labels']): string {
  return JSON.stringify(Object.entries(labels).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function nameOf({ name }: Target): string {
  return name;
}
