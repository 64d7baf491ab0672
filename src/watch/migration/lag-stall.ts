import type { LagProgress, MigrationState } from '../../state/migration-state.ts';
import type { LagSample } from '../../state/store.ts';
import type { WatchPolicy } from '../policy.ts';
import { draft, type PollContext, type Transition } from './event-draft.ts';
import { estimateReady, type LagTrend, middleLag, type ReadyEstimate } from './lag-trend.ts';

/** A lag this small counts as caught up and does not have to shrink. */
const quietLagSeconds = 60;
/** Noise of the lag: some seconds, and more for a larger lag. */
const noiseSeconds = 5;
const noiseShare = 0.02;
/** The lag must fall by this multiple of the noise to end a stall. */
const recoveryFactor = 3;
/**
 * Part of `stallAfterMs` that the time between two observations counts for at most: a clock that is set forward, or a
 * machine asleep, shows no stall.
 */
const gapShare = 0.25;

/** One more observation of a lag. */
export interface LagStep {
  readonly previous: LagProgress | undefined;
  readonly lagSeconds: number;
  readonly trend: LagTrend | undefined;
  readonly now: number;
}

/**
 * Returns what to remember of a lag's progress after one more observation. Progress is a lag lower, beyond noise, than
 * any since the last progress. None for `stallAfterMs` of watching is a stall, unless the lag comes down: it has left
 * its height since then well behind, and the trend is falling. That ends a stall too, as progress does.
 * `lagSeconds` is what the latest samples show together, and `trend` that of more of them, if there is one.
 */
export function lagProgress(
  { previous, lagSeconds, trend, now }: LagStep,
  stallAfterMs: number,
): LagProgress {
  const fresh: LagProgress = {
    lowest: lagSeconds,
    highest: lagSeconds,
    observedAt: now,
    idleMs: 0,
    stalled: false,
  };
  if (previous === undefined || lagSeconds <= quietLagSeconds) return fresh;
  if (lagSeconds < previous.lowest - noiseAt(previous.lowest)) return fresh;
  const highest = Math.max(previous.highest, lagSeconds);
  const hasLeft = lagSeconds < highest - recoveryFactor * noiseAt(highest);
  const comesDown = hasLeft && trend !== undefined && trend.perMinute < 0;
  const gapMs = Math.max(0, Math.min(now - previous.observedAt, stallAfterMs * gapShare));
  const idleMs = previous.idleMs + gapMs;
  const stalled = previous.stalled || idleMs >= stallAfterMs;
  if (stalled && comesDown) return fresh;
  return { ...previous, highest, observedAt: now, idleMs, stalled };
}

/** Returns for how long a stalled lag has made no progress, in seconds; undefined where it is not stalled. */
export function stalledSeconds(state: MigrationState | undefined): number | undefined {
  const { lagProgress: progress, settlement } = state ?? {};
  if (progress?.stalled !== true || settlement !== undefined) return undefined;
  return Math.round(progress.idleMs / 1000);
}

function noiseAt(lagTimeSeconds: number): number {
  return Math.max(noiseSeconds, lagTimeSeconds * noiseShare);
}

/** What the recent samples of a lag, oldest first, show. */
export interface LagOutlook {
  readonly samples: readonly LagSample[];
  readonly trend: LagTrend | undefined;
}

/** With fewer samples, an outlier cannot be recognized. */
const leastSamples = 3;

/**
 * Atlas withdraws readiness beyond about half a minute of lag, so it can hardly grant it before
 * ("mongosync", MongoDB documentation).
 */
const readyLagSeconds = 30;

/** Returns when a migration may become ready, or undefined where its lag shows nothing. */
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
 * Returns the state that remembers how the lag moves after an observation, and the event of a stall that has begun or
 * ended. Progress is that of the middle one of the latest three samples. Only a migration that is copied and not ready
 * yet has a lag that must shrink; readiness ends a stall, and so does, without an event, the end of the migration.
 */
export function lagEvents(
  { now }: PollContext,
  state: MigrationState,
  { samples, trend }: LagOutlook,
  { stallAfterMs }: Pick<WatchPolicy, 'stallAfterMs'>,
): Transition {
  const { lagProgress: previous, ...rest } = state;
  const { observation, readiness, settlement } = state;
  if (readiness !== undefined && previous?.stalled === true && settlement === undefined)
    return { state: rest, drafts: [draft('migration.lag_recovered', lagFields(trend, undefined))] };
  if (readiness !== undefined || settlement !== undefined) return { state: rest, drafts: [] };
  const isKnown = observation?.lagTimeSeconds !== undefined && samples.length >= leastSamples;
  const lag = isKnown ? middleLag(samples) : undefined;
  if (lag === undefined) return { state, drafts: [] };
  const current = lagProgress({ previous, lagSeconds: lag, trend, now }, stallAfterMs);
  const after = { ...rest, lagProgress: current };
  if (current.stalled === (previous?.stalled ?? false)) return { state: after, drafts: [] };
  const fields = lagFields(trend, estimateOf(state, trend));
  const stalledForSeconds = Math.round(current.idleMs / 1000);
  const event = current.stalled
    ? draft('migration.lag_stalled', { ...fields, stalledForSeconds })
    : draft('migration.lag_recovered', fields);
  return { state: after, drafts: [event] };
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
