import type { LagProgress, MigrationState } from '../../state/migration-state.ts';
import type { WatchPolicy } from '../policy.ts';
import { draft, type PollContext, type Transition } from './event-draft.ts';
import { estimateReady, type ReadyEstimate } from './lag-estimate.ts';
import type { LagSamples } from './lag-samples.ts';
import {
  fewestSamples,
  type LagTrend,
  lagNoise,
  lagTrend,
  leastNoiseSeconds,
  leastSamples,
  middleLag,
} from './lag-trend.ts';

/** A lag this small counts as caught up and does not have to shrink. */
const quietLagSeconds = 60;
/** A lower lag is progress from so many times the noise on. */
const noiseFactor = 3;
/** Where polls are rare, what looks like more noise than this, in seconds, is a lag that moves between them. */
const mostNoiseSeconds = 20;
/**
 * Part of `stallAfterMs` that the time between two observations counts for at most: a clock that is set forward, or a
 * machine asleep, shows no stall.
 */
const gapShare = 0.25;
/** With fewer samples, an outlier cannot be recognized. */
const samplesToJudge = 3;

/** One more observation of a lag. */
export interface LagStep {
  readonly previous: LagProgress | undefined;
  readonly samples: LagSamples;
  /** Of the latest samples together, in seconds. */
  readonly lagSeconds: number;
  readonly now: number;
}

/**
 * Returns what to remember of a lag's progress after one more observation.
 *
 * Progress is a lag lower, beyond its noise, than any since the progress before, or a trend that falls beyond it over
 * `stallAfterMs` or its half. None for `stallAfterMs` of watching is a stall; progress ends it. A stall that comes
 * without a lag lower than all before the latest one needs twice its time, because a lag that goes up and down says
 * nothing new each time. A leap is neither progress nor its end: the lag is only counted in a different way.
 */
export function lagProgress(
  { previous, samples, lagSeconds, now }: LagStep,
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
  const idleMs = previous.idleMs + watchedMs(now, previous, stallAfterMs);
  if ((samples.leapAt ?? Number.NEGATIVE_INFINITY) >= previous.observedAt)
    return { ...fresh, idleMs, stalled: previous.stalled, ...repeats(previous, lagSeconds) };
  const noise = noiseOf(samples, previous.lowest - lagSeconds);
  const isNewLow = lagSeconds < (previous.stalls?.lowest ?? previous.lowest) - noise;
  const again = isNewLow ? {} : repeats(previous);
  if (lagSeconds < previous.lowest - noise) return { ...fresh, ...again };
  const isDue = idleMs >= stallAfterMs * 2 ** (previous.stalls?.count ?? 0);
  if ((previous.stalled || isDue) && comesDown(samples, stallAfterMs, previous.stalled))
    return { ...fresh, ...again };
  const highest = Math.max(previous.highest, lagSeconds);
  const current = { ...previous, highest, observedAt: now, idleMs };
  if (previous.stalled || !isDue) return current;
  const lowest = Math.min(previous.stalls?.lowest ?? previous.lowest, previous.lowest);
  return { ...current, stalled: true, stalls: { count: (previous.stalls?.count ?? 0) + 1, lowest } };
}

function repeats({ stalls }: LagProgress, lowest = stalls?.lowest): Pick<LagProgress, 'stalls'> {
  return stalls === undefined || lowest === undefined ? {} : { stalls: { ...stalls, lowest } };
}

/** Returns by how much a lag must be lower, in seconds. One that is lower by `fall` may be so without a measurement. */
function noiseOf(samples: LagSamples, fall: number): number {
  if (fall <= leastNoiseSeconds || fall > noiseFactor * mostNoiseSeconds) return leastNoiseSeconds;
  return Math.max(leastNoiseSeconds, noiseFactor * Math.min(mostNoiseSeconds, lagNoise(samples)));
}

/** Returns the time since the observation before, as far as it counts, in ms. */
function watchedMs(now: number, { observedAt }: LagProgress, stallAfterMs: number): number {
  return Math.max(0, Math.min(now - observedAt, stallAfterMs * gapShare));
}

/** Returns whether the lag falls. Before a stall only what is as old as it counts. */
function comesDown(samples: LagSamples, stallAfterMs: number, isStalled: boolean): boolean {
  const least = isStalled ? leastSamples : fewestSamples;
  return [stallAfterMs, stallAfterMs / 2].some((ms) => lagTrend(samples, ms, least)?.falls === true);
}

/** Returns for how long a stalled lag has made no progress, in seconds; undefined where it is not stalled. */
export function stalledSeconds(state: MigrationState | undefined): number | undefined {
  const { lagProgress: progress, settlement } = state ?? {};
  if (progress?.stalled !== true || settlement !== undefined) return undefined;
  return Math.round(progress.idleMs / 1000);
}

/** Returns when a migration may become ready, or undefined where its lag shows nothing. */
export function estimateOf(
  { observation, readiness, settlement }: MigrationState,
  samples: LagSamples,
): ReadyEstimate | undefined {
  const isCopied = observation?.lagTimeSeconds !== undefined && readiness === undefined;
  return isCopied && settlement === undefined ? estimateReady(samples) : undefined;
}

/**
 * Returns the state that remembers how the lag moves after an observation, and the event of a stall that has begun or
 * ended. Progress is that of the middle one of the latest three samples. Only a migration that is copied and not ready
 * yet has a lag that must shrink; readiness ends a stall, and so does, without an event, the end of the migration.
 */
export function lagEvents(
  { now }: PollContext,
  state: MigrationState,
  samples: LagSamples,
  { stallAfterMs }: Pick<WatchPolicy, 'stallAfterMs'>,
): Transition {
  const { lagProgress: previous, ...rest } = state;
  const { observation, readiness, settlement } = state;
  if (readiness !== undefined && previous?.stalled === true && settlement === undefined)
    return { state: rest, drafts: [draft('migration.lag_recovered', lagFields(lagTrend(samples)))] };
  if (readiness !== undefined || settlement !== undefined) return { state: rest, drafts: [] };
  const isKnown = observation?.lagTimeSeconds !== undefined && samples.recent.length >= 2 * samplesToJudge;
  const lagSeconds = isKnown ? middleLag(samples) : undefined;
  if (lagSeconds === undefined) return { state, drafts: [] };
  const current = lagProgress({ previous, samples, lagSeconds, now }, stallAfterMs);
  const after = { ...rest, lagProgress: current };
  if (current.stalled === (previous?.stalled ?? false)) return { state: after, drafts: [] };
  const fields = {
    ...lagFields(lagTrend(samples), estimateOf(state, samples)),
    lagThenSeconds: current.stalled ? current.lowest : (previous?.highest ?? lagSeconds),
    lagNowSeconds: lagSeconds,
  };
  const stalledForSeconds = Math.round(current.idleMs / 1000);
  const event = current.stalled
    ? draft('migration.lag_stalled', { ...fields, stalledForSeconds })
    : draft('migration.lag_recovered', fields);
  return { state: after, drafts: [event] };
}

/** Returns the trend and the estimate under the names that events give them. */
export function lagFields(trend: LagTrend | undefined, estimate?: ReadyEstimate) {
  return {
    ...(trend !== undefined && { lagTrendPerMinute: Math.round(trend.perMinute * 10) / 10 }),
    ...(estimate !== undefined && {
      readyInSeconds: estimate.seconds,
      readyInSecondsRange: [estimate.earliest, estimate.latest],
    }),
  };
}
