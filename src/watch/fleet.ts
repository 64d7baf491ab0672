import type { AtlasError } from '../atlas/atlas-error.ts';
import type { MigrationState } from '../state/migration-state.ts';
import type { LagSample } from '../state/store.ts';
import type { Ledger } from './ledger.ts';
import type { Cadence } from './migration/cadence.ts';
import { leastRecentSamples, trendReachMs, trendWindowMs } from './migration/lag-trend.ts';
import type { Target } from './migration/target.ts';
import type { Turn } from './round.ts';

/** One migration being watched. */
export interface WatchedMigration extends Turn {
  target: Target;
  /** When this run began to watch it, in ms since 1970. */
  readonly begunAt: number;
  /** When it was last read in this run, in ms since 1970; undefined before. */
  readAt: number | undefined;
  pendingSince: number | undefined;
  cadence: Cadence;
  /** Lag samples of late, oldest first. */
  samples: readonly LagSample[];
  notBefore: number;
  /** It is to be read though it disappeared: Atlas has not been asked again since the start or a reload. */
  doubted: boolean;
  /** How the latest poll of this run ended, or one that speaks for it; undefined before. */
  latest: 'read' | AtlasError | undefined;
}

/** What is known of one migration that is being watched. */
export type MigrationSnapshot = Readonly<
  Pick<WatchedMigration, 'target' | 'cadence' | 'samples' | 'latest'>
> & {
  readonly state: MigrationState | undefined;
};

/** Returns a migration to be polled from `now` on (ms since 1970). Its samples are those of earlier runs. */
export function watchMigration(target: Target, samples: readonly LagSample[], now: number): WatchedMigration {
  return {
    target,
    begunAt: now,
    readAt: undefined,
    samples,
    cadence: 'default',
    pendingSince: undefined,
    notBefore: 0,
    doubted: true,
    latest: undefined,
  };
}

/** Returns when this run began to watch a migration, in ms since 1970, as long as it has not been polled. */
export function downUntil({ begunAt, latest }: WatchedMigration): number | undefined {
  return latest === undefined ? begunAt : undefined;
}

/** Returns what earlier runs leave to the trend of a lag, oldest first. `now` in ms since 1970. */
export function samplesBefore(
  target: Target,
  ledger: Pick<Ledger, 'samples' | 'latestSamples'>,
  now: number,
): readonly LagSample[] {
  const late = ledger.samples(target, now - trendWindowMs);
  if (late.length >= leastRecentSamples) return late;
  return ledger.latestSamples(target, now - trendReachMs, leastRecentSamples);
}

/**
 * Returns whether nothing is to be read of a migration any more. One that disappeared is not settled for good: it is
 * asked for once more after each start and reload.
 */
export function isSettled({ doubted }: WatchedMigration, state: MigrationState | undefined): boolean {
  return state?.settlement !== undefined && !(state.settlement === 'DISAPPEARED' && doubted);
}
