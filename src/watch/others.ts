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
  const errors = others.map(({ latest }) => latest).filter((one) => one !== undefined && one !== 'read');
  const read = others.filter(({ latest }) => latest === 'read');
  const unheard = read.filter(({ state }) => (state?.observation?.observedAt ?? 0) < since);
  return {
    total: others.length,
    read: read.length - unheard.length,
    unheard: unheard.length,
    failed: errors.length,
    kinds: new Set(errors.map(({ kind }) => kind)),
    told: others.some(({ state }) => state?.outage?.told === 'for all'),
  };
}
