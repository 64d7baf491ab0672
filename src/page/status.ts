import type { MigrationView } from '../server/migration-view.ts';
import type { Settlement } from '../state/migration-state.ts';
import { type Urgency, type UrgencyFacts, urgencyOf } from '../watch/migration/urgency.ts';

/** Sign and word of each status, the most urgent first. */
export const statuses = {
  ready: { sign: '★', word: 'Ready' },
  failed: { sign: '✖', word: 'Failed' },
  unreachable: { sign: '▲', word: "Can't be read" },
  stalled: { sign: '■', word: 'Stalled' },
  approaching: { sign: '◕', word: 'Nearly ready' },
  copying: { sign: '◔', word: 'Copying' },
  waiting: { sign: '○', word: 'Waiting' },
  done: { sign: '✔', word: 'Complete' },
} as const satisfies Readonly<Record<Urgency, { sign: string; word: string }>>;

/** The status that the page shows, which is not the status that Atlas reports. */
export type Status = Urgency;

/** Returns the facts from which the urgency of a migration follows. */
export function factsOf({ settlement, reachable = true, ...view }: MigrationView): UrgencyFacts {
  return { ...view, reachable, settlement: settlement as Settlement | undefined };
}

export function statusOf(view: MigrationView): Status {
  return urgencyOf(factsOf(view));
}

/** Returns the word for the status of a migration: expired and gone are ways to fail with their own word. */
export function statusWord(view: MigrationView): string {
  if (view.settlement === 'EXPIRED') return 'Expired';
  if (view.settlement === 'DISAPPEARED') return 'Gone';
  return statuses[statusOf(view)].word;
}

export function isStatus(text: string): text is Status {
  return Object.hasOwn(statuses, text);
}
