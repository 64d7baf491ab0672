import { briefEstimate, estimateWords } from '../../events/estimate-words.ts';
import type { MigrationState } from '../../state/migration-state.ts';
import type { ReadyEstimate } from '../../watch/migration/lag-estimate.ts';

/** A migration with what its lag says. */
export interface Estimated {
  readonly state: MigrationState | undefined;
  readonly estimate: ReadyEstimate | undefined;
}

/**
 * Returns the estimated time until a migration is ready, as `about 12 min` or `3 to 9 h`; undefined if its lag does not
 * allow an estimate, or the estimate is too old. `now` in ms since 1970.
 */
export function describeEstimate(estimated: Estimated, now: number): string | undefined {
  return estimated.estimate && estimateWords(estimated.estimate, ageSeconds(estimated, now));
}

/** Returns the same for one line: `ready in ~18 min (15–25)`. */
export function readyIn(estimated: Estimated, now: number): string | undefined {
  const words = estimated.estimate && briefEstimate(estimated.estimate, ageSeconds(estimated, now));
  return words === undefined ? undefined : `ready in ${words}`;
}

function ageSeconds({ state }: Estimated, now: number): number {
  return (now - (state?.observation?.observedAt ?? now)) / 1000;
}
