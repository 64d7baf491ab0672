/** Returns milliseconds on a clock that is never set: for intervals, waits and budgets. */
export function monotonicNow(): number {
  return performance.now();
}
