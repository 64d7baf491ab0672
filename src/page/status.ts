import type { MigrationView } from '../server/migration-view.ts';
import type { Settlement } from '../state/migration-state.ts';
import { type Urgency, type UrgencyFacts, urgencyOf } from '../watch/migration/urgency.ts';
import { standingWord, standingWords } from '../watch/words.ts';

export const statuses = standingWords;

/** The status that the page shows, which is not the status that Atlas reports. */
export type Status = Urgency;

/** Returns the facts from which the urgency of a migration follows. */
export function factsOf({ settlement, reachable = true, ...view }: MigrationView): UrgencyFacts {
  return { ...view, reachable, settlement: settlement as Settlement | undefined };
}

export function statusOf(view: MigrationView, now: number): Status {
  return urgencyOf(factsOf(view), now);
}

/** Returns the word for the status of a migration: expired and no longer in Atlas are ways to fail with their own word. */
export function statusWord(view: MigrationView, now: number): string {
  return standingWord(statusOf(view, now), view.settlement);
}

export function isStatus(text: string): text is Status {
  return Object.hasOwn(statuses, text);
}
