import type { MigrationState } from '../../state/migration-state.ts';
import type { WatchPolicy } from '../policy.ts';
import { draft, type PollContext, type Transition } from './event-draft.ts';
import type { LagSamples } from './lag-samples.ts';
import { middleLag } from './lag-trend.ts';
import { readinessOf } from './readiness-window.ts';

/** A lag that is too high for this long is reported, in ms. */
const reportAfterMs = 10 * 60_000;
/** The time between two observations counts for at most this, in ms: a machine asleep shows no lag. */
const longestGapMs = reportAfterMs / 2;
/** With fewer samples, an outlier cannot be recognized. */
const fewestSamples = 3;

/**
 * Returns what an observation of a ready migration shows of its lag: above `cutover.lagAtMost` for ten minutes of
 * watching, or at or under it again. The lag is the middle one of the latest three samples. Once the cutover seems to
 * have begun there is no lag, and nothing to report; an observation without a lag says nothing.
 */
export function cutoverLag(
  { now }: Pick<PollContext, 'now'>,
  state: MigrationState,
  samples: LagSamples,
  { lagAtMostMs }: Pick<WatchPolicy, 'lagAtMostMs'>,
): Transition {
  const readiness = readinessOf(state);
  if (readiness === undefined) return { state, drafts: [] };
  const { lagHigh: before, ...rest } = readiness;
  if (readiness.cutover?.startedAt !== undefined) return { state: { ...state, readiness: rest }, drafts: [] };
  const isShown =
    state.observation?.lagTimeSeconds !== undefined && samples.recent.length >= 2 * fewestSamples;
  const lagSeconds = isShown ? middleLag(samples) : undefined;
  if (lagSeconds === undefined) return { state, drafts: [] };
  const fields = { lagNowSeconds: lagSeconds, lagAtMostSeconds: lagAtMostMs / 1000 };
  if (lagSeconds * 1000 <= lagAtMostMs)
    return {
      state: { ...state, readiness: rest },
      drafts: before?.reported ? [draft('migration.cutover_lag_normal', fields)] : [],
    };
  const watchedMs = before === undefined ? 0 : Math.max(0, Math.min(now - before.observedAt, longestGapMs));
  const forMs = (before?.forMs ?? 0) + watchedMs;
  const isNews = forMs >= reportAfterMs && !before?.reported;
  const reported = isNews || before?.reported === true;
  const lagHigh = { forMs, observedAt: now, ...(reported && { reported: true as const }) };
  return {
    state: { ...state, readiness: { ...rest, lagHigh } },
    drafts: isNews ? [draft('migration.cutover_lag_high', fields)] : [],
  };
}

/** Returns whether the lag of a ready migration is reported as high; undefined where it is not ready. */
export function isLagHigh(state: MigrationState | undefined): boolean | undefined {
  const readiness = readinessOf(state);
  return readiness && readiness.lagHigh?.reported === true;
}
