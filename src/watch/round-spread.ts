/** Polls begin at multiples of this, in ms: to be woken up takes about as much processor time as a poll. */
const stepMs = 100;
/** Part of the interval in which a round is begun; the rest is room for slow replies. */
const usedShare = 0.8;

/**
 * Returns how long after the start of a round its poll number `index` of `count` begins, in ms. The order of a
 * round never changes, so each migration keeps its own place in the interval and is polled at an even pace.
 */
export function startOffsetMs(index: number, count: number, intervalMs: number): number {
  const share = (intervalMs * usedShare) / Math.max(1, count);
  return Math.floor((index * Math.min(stepMs, share)) / stepMs) * stepMs;
}
