import { isDeepStrictEqual } from 'node:util';
import { isDurable } from '../events/event-record.ts';
import type { MigrationState } from './migration-state.ts';
import type { Change } from './state-cache.ts';

/** A crash loses the changes without an event of this time, in ms. */
const changeDelayMs = 1_000;
/** So many states or samples are committed at once, however long they might wait. */
const mostWaiting = 1_000;

/**
 * Returns how long a change may wait for its commit, in ms: one with a durable event not at all, and one of a poll that
 * only confirmed the former state of the migration for `patienceMs`. `waiting` is how many states or samples wait with it.
 */
export function commitDelayMs(
  former: MigrationState | undefined,
  change: Change,
  { waiting, patienceMs }: { readonly waiting: number; readonly patienceMs: number },
): number {
  if (change.events.some(isDurable) || waiting >= mostWaiting) return 0;
  return isConfirmation(former, change) ? patienceMs : changeDelayMs;
}

/** Returns whether a poll found the former state of a migration again, with whatever lag. Most polls do. */
function isConfirmation(
  former: MigrationState | undefined,
  { migration, events, outages = [], requests = [] }: Change,
): boolean {
  if (migration === undefined || former === undefined) return false;
  if (events.length > 0 || outages.length > 0 || requests.length > 0) return false;
  return isDeepStrictEqual(withoutLag(former), withoutLag(migration.state));
}

/** Leaves out what each poll brings: its time, its lag, and the progress of that. */
function withoutLag(state: MigrationState): object {
  const { observation, lagProgress, ...rest } = state;
  return { ...rest, hasObservation: observation !== undefined, stalled: lagProgress?.stalled };
}
