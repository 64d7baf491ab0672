import type { AtlasError } from '../atlas/atlas-error.ts';
import type { Outage } from '../state/migration-state.ts';
import type { Others } from './outage.ts';

/** Another migration that is still watched. */
export interface Other {
  /** How its latest poll of this run ended; undefined before it. */
  readonly latest: 'read' | AtlasError | undefined;
  readonly outage: Outage | undefined;
}

/** Returns how the others are, taken together. */
export function othersTogether(others: readonly Other[]): Others {
  const latest = others.map((other) => other.latest).filter((one) => one !== undefined);
  const errors = latest.filter((one) => one !== 'read');
  return {
    total: others.length,
    read: latest.length - errors.length,
    failed: errors.length,
    kinds: new Set(errors.map(({ kind }) => kind)),
    told: others.some(({ outage }) => outage?.told === 'for all'),
  };
}
