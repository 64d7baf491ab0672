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
 * Returns on which schedule a migration is polled next. Only one that is copying with a known lag can be near readiness;
 * one that is ready, or whose lag Atlas does not report, has time. A single wild sample changes no schedule.
 */
export function cadenceOf(
  former: Cadence,
  { observation, readiness, settlement }: MigrationState,
  { seconds, readyInSeconds }: LagNow,
  { approachingLagMs }: Pick<WatchPolicy, 'approachingLagMs'>,
): Cadence {
  const isKnown = observation?.lagTimeSeconds !== undefined && seconds !== undefined;
  if (!isKnown || readiness !== undefined || settlement !== undefined) return 'default';
  const slack = former === 'approaching' ? leaveFactor : 1;
  const near = seconds * 1000 <= approachingLagMs * slack;
  const onCourse = readyInSeconds !== undefined && readyInSeconds <= nearSeconds * slack;
  return near || onCourse ? 'approaching' : 'default';
}
