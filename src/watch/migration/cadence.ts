import type { MigrationState } from '../../state/migration-state.ts';
import type { ReadyEstimate } from './lag-trend.ts';

export interface CadencePolicy {
  /** The lag at or under which a migration counts as near readiness, in ms. */
  readonly approachingLagMs: number;
}

export type Cadence = 'default' | 'approaching';

/**
 * A migration on course to be ready within this time is near, whatever its lag. Six polls of the usual schedule see
 * it coming; each minute more would cost ten requests and see readiness no sooner (`npm run bench:cadence`).
 */
const nearSeconds = 3 * 60;
/** Once near, a migration stays so until it is this much further off: its lag wavers around every limit. */
const leaveFactor = 2;

/**
 * Returns on which schedule a migration is to be polled next. Only one that is copying with a known lag can be
 * near readiness; one that is ready, or whose lag Atlas does not tell, has time. `lagSeconds` is the lag now as its
 * latest samples show it together: a single wild one changes no schedule.
 */
export function cadenceOf(
  former: Cadence,
  { observation, readiness, settlement }: MigrationState,
  lagSeconds: number | undefined,
  estimate: ReadyEstimate | undefined,
  { approachingLagMs }: CadencePolicy,
): Cadence {
  const isTold = observation?.lagTimeSeconds !== undefined && lagSeconds !== undefined;
  if (!isTold || readiness !== undefined || settlement !== undefined) return 'default';
  const slack = former === 'approaching' ? leaveFactor : 1;
  const near = lagSeconds * 1000 <= approachingLagMs * slack;
  const onCourse = estimate !== undefined && estimate.seconds <= nearSeconds * slack;
  return near || onCourse ? 'approaching' : 'default';
}
