import { isDeepStrictEqual } from 'node:util';
import { keyOf, type MigrationId } from '../../atlas/migration-resource.ts';
import type { ConfiguredCutover } from '../../state/operator-word.ts';

/**
 * What the configuration sets for one migration alone, by its keys; durations in ms. What is absent is as for all. A plan
 * says what follows from it.
 */
export interface Overrides {
  /** With what people state of its cutover, moments in ms since 1970. */
  readonly cutover?: Readonly<CutoverOverrides & ConfiguredCutover> | undefined;
  readonly schedule?: Readonly<ScheduleOverrides> | undefined;
  readonly watch?: Readonly<WatchOverrides> | undefined;
}

interface CutoverOverrides {
  window?: number | undefined;
  /** Longest first. */
  warnBefore?: readonly number[] | undefined;
  remindEvery?: number | undefined;
  lagAtMost?: number | undefined;
}

interface ScheduleOverrides {
  default?: string | undefined;
  approaching?: string | undefined;
  approachingLag?: number | undefined;
}

interface WatchOverrides {
  stallAfter?: number | undefined;
  unreachableAfter?: number | undefined;
}

/** One migration to watch, as configured. */
export interface Target extends MigrationId, Overrides {
  /** How people call it; unique. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What another configuration changes, by the names people know. */
export interface TargetChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** With another name, other labels, other settings of its own or another word on the cutover than before. */
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

/** Returns whether something is set for one migration alone. */
export function hasOverrides({ cutover, schedule, watch }: Overrides): boolean {
  return cutover !== undefined || schedule !== undefined || watch !== undefined;
}

function differs(former: Target | undefined, next: Target): boolean {
  return former !== undefined && !isDeepStrictEqual(shownOf(former), shownOf(next));
}

/** Returns what can change of a migration. The ids cannot. */
function shownOf({ name, labels, cutover, schedule, watch }: Target): object {
  return { name, labels, cutover, schedule, watch };
}

function nameOf({ name }: Target): string {
  return name;
}
