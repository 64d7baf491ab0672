import { isDeepStrictEqual } from 'node:util';
import { isDurable } from '../events/event-record.ts';
import type { MigrationState } from './migration-state.ts';
import type { Change } from './state-cache.ts';

/** A crash loses the changes without an event of this time, in ms. */
const changeDelayMs = 1_000;
const noTime = { forMs: 0, observedAt: 0 };
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

/** Returns whether a poll found a migration as it was, with whatever lag, or failed as before. Most polls do. */
function isConfirmation(
  former: MigrationState | undefined,
  { migration, events, outages = [], requests = [] }: Change,
): boolean {
  if (migration === undefined || former === undefined) return false;
  if (events.length > 0 || outages.length > 0 || requests.length > 0) return false;
  return isDeepStrictEqual(withoutLag(former), withoutLag(migration.state));
}

/** Leaves out what each poll brings: its time and its lag, how long that has been so, and the number of failures. */
function withoutLag(state: MigrationState): object {
  const { observation, lagProgress, readiness, outage, ...rest } = state;
  return {
    ...rest,
    hasObservation: observation !== undefined,
    stalled: lagProgress?.stalled,
    readiness: readiness && {
      ...readiness,
      lagHigh: readiness.lagHigh && { ...readiness.lagHigh, ...noTime },
    },
    outage: outage && { ...outage, failures: 0 },
  };
}
