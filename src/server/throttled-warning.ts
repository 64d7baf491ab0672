const everyMs = 60_000;

/**
 * Returns a function that passes on one sentence a minute, with the number of those left out since the previous one, so
 * that repeated requests cannot fill a log. `now` is in ms, on a monotonic clock.
 */
export function throttledWarning(
  warn: (sentence: string) => void,
  now: () => number,
): (sentence: string) => void {
  let warnedAt = Number.NEGATIVE_INFINITY;
  let leftOut = 0;
  return (sentence) => {
    if (now() - warnedAt < everyMs) {
      leftOut += 1;
      return;
    }
    warn(leftOut === 0 ? sentence : `${sentence} (${leftOut} more of the HTTP server since the last one.)`);
    warnedAt = now();
    leftOut = 0;
  };
}
