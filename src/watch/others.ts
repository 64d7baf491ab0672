import type { AtlasError } from '../atlas/atlas-error.ts';
import type { MigrationState } from '../state/migration-state.ts';
import type { Others } from './outage.ts';

/** Another migration that is still watched. */
export interface Other {
  /** How its latest poll of this run ended; undefined before it. */
  readonly latest: 'read' | AtlasError | undefined;
  readonly state: MigrationState | undefined;
}

/** Returns how the others are, taken together, for one whose outage, if any, began at `since` (ms since 1970). */
export function othersTogether(others: readonly Other[], since: number): Others {
  const count = (standing: ReturnType<typeof standingOf>): number =>
    others.filter((other) => standingOf(other) === standing).length;
  const read = others.filter(
    (other) => standingOf(other) === 'read' && (other.state?.observation?.observedAt ?? 0) >= since,
  ).length;
  return {
    read,
    failed: count('failed'),
    unheard: count('read') + count('unheard') - read,
    told: others.some(({ state }) => state?.outage?.told === 'for all'),
  };
}

/**
 * Returns how one is: undefined for one that is not found, as that is a trouble of its own. What failed when the run
 * before ended is taken to fail until it is polled.
 */
export function standingOf({ latest, state }: Other): 'read' | 'failed' | 'unheard' | undefined {
  if (latest === undefined) return state?.outage === undefined ? 'unheard' : 'failed';
  if (latest === 'read') return 'read';
  return latest.kind === 'not_found' ? undefined : 'failed';
}
