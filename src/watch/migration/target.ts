import { keyOf, type MigrationId } from '../../atlas/migration-resource.ts';
import type { ConfiguredCutover } from '../../state/operator-word.ts';

/** One migration to watch, as configured. */
export interface Target extends MigrationId {
  /** How people call it; unique. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What is stated of its cutover; moments in ms since 1970, lengths of time in ms. */
  readonly cutover?: ConfiguredCutover | undefined;
}

/** What another configuration changes, by the names people know. */
export interface TargetChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** With another name, other labels or another word on the cutover than before. */
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

function differs(former: Target | undefined, { name, labels, cutover = {} }: Target): boolean {
  if (former === undefined) return false;
  const isSame = former.name === name && textOf(former.labels) === textOf(labels);
  return !isSame || textOf(former.cutover ?? {}) !== textOf(cutover);
}

function textOf(values: object): string {
  return JSON.stringify(Object.entries(values).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function nameOf({ name }: Target): string {
  return name;
}
