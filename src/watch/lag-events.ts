import type { MigrationState } from '../state/migration-state.ts';
import type { LagSample } from '../state/store.ts';
import { lagProgress } from './lag-progress.ts';
import { estimateReady, type LagTrend, middleLag, type ReadyEstimate } from './lag-trend.ts';
import { draft, recordEvents, type Step } from './migration-record.ts';
import type { Target } from './target.ts';

export interface LagPolicy {
  /** Time without progress after which the lag counts as stalled, in ms. */
  readonly stallAfterMs: number;
}

/** What the recent samples of a lag, oldest first, show. */
export interface LagOutlook {
  readonly samples: readonly LagSample[];
  readonly trend: LagTrend | undefined;
}

/** With fewer samples nobody can tell a wild one from the others. */
const leastSamples = 3;

/**
 * Atlas withdraws readiness beyond about half a minute of lag, so it can hardly grant it before
 * ("mongosync", MongoDB documentation).
 */
const readyLagSeconds = 30;

/** Returns when a migration may become ready, or undefined where its lag tells nothing. */
export function estimateOf(
  { observation, readiness, settlement }: MigrationState,
  trend: LagTrend | undefined,
): ReadyEstimate | undefined {
  if (observation?.lagTimeSeconds === undefined || trend === undefined) return undefined;
  return readiness === undefined && settlement === undefined
    ? estimateReady(trend, readyLagSeconds)
    : undefined;
}

/**
 * Returns the state that remembers how the lag gets on after an observation, and the event of a stall that has
 * begun or ended. Its progress is that of the middle one of the latest three samples. Only a migration that is copied
 * and not ready yet has a lag that must shrink; readiness ends a stall, and so does, without a word, the end of the
 * migration.
 */
export function lagEvents(
  target: Target,
  state: MigrationState,
  { samples, trend }: LagOutlook,
  now: number,
  { stallAfterMs }: LagPolicy,
  whileDown: boolean,
): Step {
  const { lagProgress: previous, ...rest } = state;
  const isTold = state.observation?.lagTimeSeconds !== undefined;
  const lag = isTold && samples.length >= leastSamples ? middleLag(samples) : undefined;
  if (state.readiness !== undefined && previous?.stalled === true && state.settlement === undefined)
    return recordEvents(
      target,
      rest,
      rest,
      [draft('migration.lag_recovered', lagFields(trend, undefined))],
      now,
      whileDown,
    );
  if (state.readiness !== undefined || state.settlement !== undefined) return { state: rest, events: [] };
  if (lag === undefined) return { state, events: [] };
  const current = lagProgress(previous, lag, trend, now, stallAfterMs);
  const after = { ...rest, lagProgress: current };
  if (current.stalled === (previous?.stalled ?? false)) return { state: after, events: [] };
  const fields = lagFields(trend, estimateOf(state, trend));
  const stalledForSeconds = Math.round(current.idleMs / 1000);
  const event = current.stalled
    ? draft('migration.lag_stalled', { ...fields, stalledForSeconds })
    : draft('migration.lag_recovered', fields);
  return recordEvents(target, after, after, [event], now, whileDown);
}

/** Returns the trend and the estimate under the names that events give them. */
export function lagFields(trend: LagTrend | undefined, estimate: ReadyEstimate | undefined) {
  return {
    ...(trend !== undefined && { lagTrendPerMinute: Math.round(trend.perMinute * 10) / 10 }),
    ...(estimate !== undefined && {
      readyInSeconds: estimate.seconds,
      readyInSecondsRange: [estimate.earliest, ...(estimate.latest === undefined ? [] : [estimate.latest])],
    }),
  };
}
