import type { MigrationState } from '../../state/migration-state.ts';
import type { WatchPolicy } from '../policy.ts';

export type Cadence = 'default' | 'approaching';

/**
 * A migration on course to be ready within this time is near with any lag. Six polls of the usual schedule see
 * it coming; each minute more would cost ten requests and see readiness no sooner (`npm run bench:cadence`).
 */
const nearSeconds = 3 * 60;
/** Once near, a migration stays so until it is this much further off: its lag wavers around every limit. */
const leaveFactor = 2;

/** The lag now, as the latest samples show it together, and when readiness is to be expected at the pace of the latest minutes. */
export interface LagNow {
  readonly seconds: number | undefined;
  readonly readyInSeconds: number | undefined;
}

/**
 * Returns on which schedule a migration is polled next. The lag is small where the latest reading or the latest samples
 * together say so: a single high sample slows no poll down, and a single low one costs one poll. It counts for a migration
 * that is ready as well, whose withdrawal or cutover is due to be seen soon.
 */
export function cadenceOf(
  former: Cadence,
  { observation, settlement }: MigrationState,
  { seconds, readyInSeconds }: LagNow,
  { approachingLagMs }: Pick<WatchPolicy, 'approachingLagMs'>,
): Cadence {
  const latest = observation?.lagTimeSeconds;
  if (latest === undefined || seconds === undefined || settlement !== undefined) return 'default';
  const slack = former === 'approaching' ? leaveFactor : 1;
  const near = Math.min(latest, seconds) * 1000 <= approachingLagMs * slack;
  const onCourse = readyInSeconds !== undefined && readyInSeconds <= nearSeconds * slack;
  return near || onCourse ? 'approaching' : 'default';
}

const goneEveryMs = 10 * 60_000;
const endedEveryMs = 3_600_000;
const endedForMs = 7 * 24 * 3_600_000;

/**
 * Returns how often a settled migration is still read, in ms: it may be found again, or be retried under its id. Infinity
 * for one that is read no more, undefined for one that is not settled. `now` in ms since 1970.
 */
export function settledIntervalMs(
  { settlement, settledAt }: Pick<MigrationState, 'settlement' | 'settledAt'>,
  now: number,
): number | undefined {
  switch (settlement) {
    case undefined:
      return undefined;
    case 'DISAPPEARED':
      return goneEveryMs;
    default:
      return now - (settledAt ?? now) < endedForMs ? endedEveryMs : Number.POSITIVE_INFINITY;
  }
}
