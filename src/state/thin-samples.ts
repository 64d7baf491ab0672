import type { LagSample } from './store.ts';

/** The samples of one span of time. */
export interface SampleBucket {
  /** When the span begins, in ms since 1970. */
  readonly from: number;
  readonly last: LagSample;
  readonly lowest: number;
  readonly highest: number;
  readonly rows: number;
}

/** Groups samples, which are in order, by spans of `bucketMs` that begin at its multiples. */
export function bucketsOf(samples: readonly LagSample[], bucketMs: number): readonly SampleBucket[] {
  const buckets: { -readonly [Key in keyof SampleBucket]: SampleBucket[Key] }[] = [];
  for (const sample of samples) {
    const from = bucketStart(sample.observedAt, bucketMs);
    const { lagTimeSeconds, lowest = lagTimeSeconds, highest = lagTimeSeconds } = sample;
    const bucket = buckets.at(-1);
    if (bucket?.from === from) {
      bucket.last = sample;
      bucket.lowest = Math.min(bucket.lowest, lowest);
      bucket.highest = Math.max(bucket.highest, highest);
      bucket.rows += 1;
    } else buckets.push({ from, last: sample, lowest, highest, rows: 1 });
  }
  return buckets;
}

/** Returns when the span of a moment begins, both in ms since 1970. */
export function bucketStart(moment: number, bucketMs: number): number {
  return Math.floor(moment / bucketMs) * bucketMs;
}

/** Returns the last sample of each span of `bucketMs`, with the lowest and highest lag of it where it stands for several. */
export function thinned(samples: readonly LagSample[], bucketMs: number): readonly LagSample[] {
  return bucketsOf(samples, bucketMs).map(({ last, lowest, highest, rows }) =>
    rows === 1 ? last : { ...last, lowest, highest },
  );
}
