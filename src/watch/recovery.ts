import type { MigrationState } from '../state/migration-state.ts';
import { draft, type EventDraft } from './migration/event-draft.ts';
import { isRecoveryNews } from './outage.ts';

/** Returns the event of the end, at `now` (ms since 1970), of an outage that this migration told people of. */
export function recoveryOf({ outage }: MigrationState, now: number): EventDraft[] {
  if (outage === undefined || !isRecoveryNews(outage)) return [];
  const { since, migrations } = outage;
  const all = migrations === undefined ? {} : { migrations };
  return [draft('watcher.recovered', { downSeconds: secondsBetween(since, now), ...all })];
}

/** A clock set back must not give a negative length of time. */
export function secondsBetween(from: number, to: number): number {
  return Math.max(0, Math.round((to - from) / 1000));
}
