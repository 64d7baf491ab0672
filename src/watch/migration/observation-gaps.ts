import type { MigrationState, ObservationGap } from '../../state/migration-state.ts';

/** Older gaps are dropped: a state must not grow without end. */
const mostGaps = 50;
/** A restart within this time costs a few polls. After a crash, the observations of three minutes may not be stored. */
const leastRestartMs = 240_000;

/**
 * Returns the times in which a migration was not observed, after an observation at `now` (ms since 1970). An outage
 * counts where the migration was unreachable; `resumed`: the watcher was not running since the observation before.
 */
export function observationGaps(
  { gaps = [], observation, rememberedSince }: MigrationState,
  now: number,
  { wasUnreachable, resumed }: { readonly wasUnreachable: boolean; readonly resumed: boolean },
): readonly ObservationGap[] {
  const from = observation?.observedAt ?? rememberedSince;
  if (wasUnreachable) return add(gaps, { from, to: now, reason: 'unreachable' });
  if (resumed && now - from >= leastRestartMs) return add(gaps, { from, to: now, reason: 'not watched' });
  return gaps;
}

function add(gaps: readonly ObservationGap[], gap: ObservationGap): readonly ObservationGap[] {
  return [...gaps, gap].slice(-mostGaps);
}
