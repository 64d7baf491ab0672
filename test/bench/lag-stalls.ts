import type { LagProgress } from '../../src/state/migration-state.ts';
import { addSample, noSamples } from '../../src/watch/migration/lag-samples.ts';
import { lagProgress } from '../../src/watch/migration/lag-stall.ts';
import { middleLag } from '../../src/watch/migration/lag-trend.ts';
import type { Life } from './lives.ts';

/** How many stalls were reported, and how many of them should not have been. */
export interface StallScore {
  readonly told: number;
  /** The lag had come down in the time. */
  readonly wrong: number;
  /** Without a new low since the one before. */
  readonly repeated: number;
  /** Times without a new low of one and a half times the time that makes a stall, and those without a report. */
  readonly real: number;
  readonly missed: number;
  /** The most that was reported of one migration. */
  readonly most: number;
}

const stallAfterSeconds = 30 * 60;
/** A lag as low as this does not have to fall. */
const quietSeconds = 60;
/** What the lag must come down by to count, in seconds. */
const [newLow, fall] = [5, 15];

/** Scores the reports of stalls of some migrations. */
export function scoreStalls(lives: readonly Life[], everySeconds: number): StallScore {
  return sumOf(lives.map((life) => scoreOne(life, everySeconds)));
}

/** Adds scores up. */
export function sumOf(scores: readonly StallScore[]): StallScore {
  const sum = (key: keyof StallScore): number => scores.reduce((total, score) => total + score[key], 0);
  return {
    told: sum('told'),
    wrong: sum('wrong'),
    repeated: sum('repeated'),
    real: sum('real'),
    missed: sum('missed'),
    most: Math.max(0, ...scores.map(({ most }) => most)),
  };
}

function scoreOne({ copiedAt, readyAt, lagAt, trueLagAt }: Life, everySeconds: number): StallScore {
  const score = { told: 0, wrong: 0, repeated: 0, real: 0, missed: 0 };
  let samples = noSamples;
  let progress: LagProgress | undefined;
  let low = { lag: Number.POSITIVE_INFINITY, at: copiedAt, seen: false, told: false };
  for (let second = copiedAt; second < readyAt; second += everySeconds) {
    const lag = trueLagAt(second);
    samples = addSample(samples, { lagTimeSeconds: lagAt(second) ?? lag, observedAt: second * 1000 });
    const lagSeconds = middleLag(samples) ?? lag;
    const before = progress?.stalled ?? false;
    progress = lagProgress(
      { previous: progress, samples, lagSeconds, now: second * 1000 },
      stallAfterSeconds * 1000,
    );
    if (lag < low.lag - newLow || lag <= quietSeconds) {
      if (second - low.at >= 1.5 * stallAfterSeconds) {
        score.real += 1;
        if (!low.seen) score.missed += 1;
      }
      low = { lag: Math.min(lag, low.lag), at: second, seen: progress.stalled, told: false };
    }
    low.seen ||= progress.stalled;
    if (before || !progress.stalled) continue;
    score.told += 1;
    if (lag < trueLagAt(Math.max(copiedAt, second - stallAfterSeconds)) - fall) score.wrong += 1;
    if (low.told) score.repeated += 1;
    low.told = true;
  }
  return { ...score, most: score.told };
}
