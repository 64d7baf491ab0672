import { getJson } from '../data/api.ts';
import type { Sample } from '../data/migration-row.ts';

/** A sample, or what is left of several: the latest of them and their range. */
export interface StoredSample extends Sample {
  readonly lowest?: number;
  readonly highest?: number;
}

/** One page of the lag samples of a migration; `next` is where the next page starts. */
interface SamplePage {
  readonly samples: readonly StoredSample[];
  readonly next?: string;
}

/** Returns the samples of a migration in this time before now, oldest first. `path` is that of the migration in the API. */
export async function readSamples(path: string, range: string): Promise<readonly StoredSample[]> {
  const found: StoredSample[] = [];
  let since: string | undefined = range;
  while (since !== undefined) {
    const page: SamplePage = await getJson<SamplePage>(`${path}/lag?since=${since}`);
    found.push(...page.samples);
    since = page.next;
  }
  return found;
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
