import type { MigrationView } from '../../server/migration-view.ts';
import { getJson } from '../data/api.ts';

/** The lag of a migration at one moment. */
export interface Sample {
  readonly observedAt: string;
  readonly lagTimeSeconds: number;
}

/** A sample, or what is left of several: the latest of them and their range. */
export interface StoredSample extends Sample {
  readonly lowest?: number;
  readonly highest?: number;
}

/** As many points are loaded at most: more than a screen has columns, so that zooming in shows more. */
const mostPoints = 4_000;

/** Returns the samples of a migration in this time before now, oldest first. `path` is that of the migration in the API. */
export async function readSamples(path: string, range: string): Promise<readonly StoredSample[]> {
  const { samples } = await getJson<{ readonly samples: readonly StoredSample[] }>(
    `${path}/lag?since=${range}&points=${mostPoints}`,
  );
  return samples;
}

/** Returns the samples with what was read later; the same ones where it is none. */
export function withLatest(
  samples: readonly StoredSample[],
  { observedAt, lagTimeSeconds }: MigrationView,
): readonly StoredSample[] {
  const isNew =
    observedAt !== undefined &&
    lagTimeSeconds !== undefined &&
    observedAt > (samples.at(-1)?.observedAt ?? '');
  return isNew ? [...samples, { observedAt, lagTimeSeconds }] : samples;
}
