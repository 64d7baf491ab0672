import { getJson } from '../data/api.ts';
import type { Sample } from '../data/migration-row.ts';

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

/** Returns the samples with a later one; the same ones where it is none. */
export function withLatest(
  samples: readonly StoredSample[],
  latest: Sample | undefined,
): readonly StoredSample[] {
  return latest === undefined || latest.observedAt <= (samples.at(-1)?.observedAt ?? '')
    ? samples
    : [...samples, latest];
}
