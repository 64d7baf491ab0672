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
  const alike = others.filter(({ latest }) => !isNotFound(latest));
  const read = alike.filter(
    ({ latest, state }) => latest === 'read' && (state?.observation?.observedAt ?? 0) >= since,
  ).length;
  const failed = alike.filter(isFailing).length;
  return {
    read,
    failed,
    unheard: alike.length - read - failed,
    told: others.some(({ state }) => state?.outage?.told === 'for all'),
  };
}

/** What failed when the run before ended is taken to fail until it is polled. */
function isFailing({ latest, state }: Other): boolean {
  return latest === undefined ? state?.outage !== undefined : latest !== 'read';
}

function isNotFound(latest: Other['latest']): boolean {
  return latest !== undefined && latest !== 'read' && latest.kind === 'not_found';
}
