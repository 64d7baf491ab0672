import type { LagProgress, MigrationState } from '../../state/migration-state.ts';
import type { LagSample } from '../../state/store.ts';
import { completeEvents, draft, type Transition } from './event-draft.ts';
import { estimateReady, type LagTrend, middleLag, type ReadyEstimate } from './lag-trend.ts';
import type { Target } from './target.ts';

/** A lag this small is as good as caught up: it need not shrink any more, and hardly can. */
const quietLagSeconds = 60;
/** The lag wavers by seconds, and by more the larger it is, without that meaning anything. */
const noiseSeconds = 5;
const noiseShare = 0.02;
/** How much further than mere noise it must come down to end a stall. */
const recoveryFactor = 3;
/**
 * Part of `stallAfterMs` that the time between two observations counts for at most: a clock that is set forward, or a
 * machine asleep, shows no stall.
 */
const gapShare = 0.25;

/**
 * Returns what to remember of a lag's progress after one more observation. Progress is a lag lower, beyond noise, than
 * any since the last progress. None for `stallAfterMs` of watching is a stall, unless the lag comes down: it has left
 * its height since then well behind, and the trend is falling. That ends a stall too, as progress does.
 * `lagSeconds` is what the latest samples show together, and `trend` that of more of them, if there is one.
 */
export function lagProgress(
  previous: LagProgress | undefined,
  lagSeconds: number,
  trend: LagTrend | undefined,
  now: number,
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
): Transition {
  const { lagProgress: previous, ...rest } = state;
  const isTold = state.observation?.lagTimeSeconds !== undefined;
  const lag = isTold && samples.length >= leastSamples ? middleLag(samples) : undefined;
  if (state.readiness !== undefined && previous?.stalled === true && state.settlement === undefined)
    return completeEvents(
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
  return completeEvents(target, after, after, [event], now, whileDown);
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
