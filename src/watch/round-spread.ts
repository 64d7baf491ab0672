/** Far enough apart to be no burst, close enough that a small round is over at once. */
const comfortableGapMs = 50;
/** Part of the interval in which a round is begun; the rest is room for slow replies. */
const usedShare = 0.8;

/**
 * Returns how long after the start of a round its poll number `index` of `count` begins, in ms. The order of a
 * round never changes, so each migration keeps its own place in the interval and is polled at an even pace.
 */
export function startOffsetMs(index: number, count: number, intervalMs: number): number {
  return Math.round(index * Math.min(comfortableGapMs, (intervalMs * usedShare) / Math.max(1, count)));
}
