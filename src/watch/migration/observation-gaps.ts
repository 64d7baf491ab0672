import type { MigrationState, UnseenSpell } from '../../state/migration-state.ts';

/** The oldest give way: a state must not grow without end. */
const mostSpells = 50;
/** A restart within this time costs hardly more than one poll. */
const leastRestartMs = 60_000;

/**
 * Returns the times in which a migration could not be seen, an observation having been made now (ms since 1970). An
 * outage counts once people were told of it; `whileDown`: the watcher did not watch it since the one before.
 */
export function observationGaps(
  { unseen = [], observation, rememberedSince, outage }: MigrationState,
  now: number,
  whileDown: boolean,
): readonly UnseenSpell[] {
  const from = observation?.observedAt ?? rememberedSince;
  if (outage?.told !== undefined) return add(unseen, { from, to: now, because: 'unreachable' });
  if (whileDown && now - from >= leastRestartMs)
    return add(unseen, { from, to: now, because: 'not watched' });
  return unseen;
}

function add(spells: readonly UnseenSpell[], spell: UnseenSpell): readonly UnseenSpell[] {
  return [...spells, spell].slice(-mostSpells);
}
