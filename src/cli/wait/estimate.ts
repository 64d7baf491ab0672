import { estimateWords } from '../../events/estimate-words.ts';
import type { MigrationState } from '../../state/migration-state.ts';
import type { ReadyEstimate } from '../../watch/migration/lag-estimate.ts';

/** A migration with what its lag says. */
export interface Estimated {
  readonly state: MigrationState | undefined;
  readonly estimate: ReadyEstimate | undefined;
}

/**
 * Returns the estimated time until a migration is ready, as `about 12 min` or `3 to 9 h`; undefined if its lag does not
 * allow an estimate. `now` in ms since 1970.
 */
export function describeEstimate({ state, estimate }: Estimated, now: number): string | undefined {
  const ageSeconds = (now - (state?.observation?.observedAt ?? now)) / 1000;
  return estimate && estimateWords(estimate, ageSeconds);
}
