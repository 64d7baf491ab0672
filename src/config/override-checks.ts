import { formatDuration, type Milliseconds } from './duration.ts';
import { defaultWarnings } from './policy-schema.ts';
import { type CrossCheck, property } from './scalar-schema.ts';
import type { Tree } from './yaml-tree.ts';

/** A migration, as far as its window goes. */
type WithWindow = {
  readonly cutover?:
    | {
        readonly window?: Milliseconds | undefined;
        readonly warnBefore?: readonly Milliseconds[] | undefined;
      }
    | undefined;
};

/** Finds what is set for one migration alone and does not fit what is set for all. */
export function findOverrideConflicts(config: unknown): readonly CrossCheck[] {
  const migrations = property(config, 'migrations');
  const shared = property(config, 'cutover');
  if (!Array.isArray(migrations)) return [];
  return migrations.flatMap((migration: unknown, index): readonly CrossCheck[] => {
    const own = property(migration, 'cutover');
    const window = property(own, 'window') ?? property(shared, 'window');
    const warnings = property(own, 'warnBefore');
    if (own === undefined || typeof window !== 'number') return [];
    const place = ['migrations', index, 'cutover'];
    if (!Array.isArray(warnings)) return findLostWarnings(property(shared, 'warnBefore'), window, place);
    return warnings
      .filter((warning: unknown) => typeof warning === 'number' && warning >= window)
      .map((warning: Milliseconds) => ({ path: [...place, 'warnBefore'], clause: tooLong(warning, window) }));
  });
}

function tooLong(warning: Milliseconds, window: Milliseconds): string {
  return `has ${formatDuration(warning)}, not shorter than the window of this migration, ${formatDuration(window)}; write a shorter duration.`;
}

function findLostWarnings(
  shared: unknown,
  window: Milliseconds,
  place: CrossCheck['path'],
): readonly CrossCheck[] {
  const isLost = (warning: unknown): boolean => typeof warning === 'number' && warning >= window;
  if (!Array.isArray(shared) || shared.length === 0 || !shared.every(isLost)) return [];
  const clause = `leaves no warning, as all of cutover.warnBefore are not shorter than ${formatDuration(window)}; add warnBefore for this migration.`;
  return [{ path: [...place, 'window'], clause }];
}

/**
 * Returns the migrations with the warnings that follow from a window of their own: those that are set for all and fit
 * in it, or the usual ones where none are set. `tree` is the configuration as written.
 */
export function withWarnings<Migration extends WithWindow>(
  migrations: readonly Migration[],
  shared: readonly Milliseconds[],
  tree: Tree,
): readonly Migration[] {
  const isGiven = property(property(tree, 'cutover'), 'warnBefore') !== undefined;
  return migrations.map((migration) => {
    const { window, warnBefore } = migration.cutover ?? {};
    if (window === undefined || warnBefore !== undefined) return migration;
    const inherited = isGiven ? shared.filter((warning) => warning < window) : defaultWarnings(window);
    return { ...migration, cutover: { ...migration.cutover, warnBefore: inherited } };
  });
}
