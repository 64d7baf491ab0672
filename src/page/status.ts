import type { MigrationView } from '../server/migration-view.ts';
import type { Settlement } from '../state/migration-state.ts';
import { type Urgency, type UrgencyFacts, urgencyOf } from '../watch/migration/urgency.ts';

/** How it is shown where a migration stands, the most urgent first. */
export const standings = {
  ready: { sign: '★', word: 'Ready' },
  failed: { sign: '✖', word: 'Failed' },
  unreachable: { sign: '▲', word: 'Unreachable' },
  stalled: { sign: '■', word: 'Stalled' },
  approaching: { sign: '◕', word: 'Nearly ready' },
  copying: { sign: '◔', word: 'Copying' },
  waiting: { sign: '○', word: 'Waiting' },
  done: { sign: '✔', word: 'Complete' },
} as const satisfies Readonly<Record<Urgency, { sign: string; word: string }>>;

export type Standing = Urgency;

/** Returns the facts from which the urgency of a migration follows. */
export function factsOf({ settlement, reachable = true, ...view }: MigrationView): UrgencyFacts {
  return { ...view, reachable, settlement: settlement as Settlement | undefined };
}

export function standingOf(view: MigrationView): Standing {
  return urgencyOf(factsOf(view));
}

/** Returns the word for where a migration stands: ways to fail have words of their own. */
export function wordOf(view: MigrationView): string {
  if (view.settlement === 'EXPIRED') return 'Expired';
  if (view.settlement === 'DISAPPEARED') return 'Gone';
  return standings[standingOf(view)].word;
}

export function isStanding(text: string): text is Standing {
  return Object.hasOwn(standings, text);
}
