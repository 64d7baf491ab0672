const everyMs = 60_000;

/**
 * Returns what says a sentence once a minute at the most, and how many it kept to itself since: whoever asks the server
 * for something again and again fills no log. `now` is in ms, on a clock that is never set.
 */
export function throttledWarning(
  say: (sentence: string) => void,
  now: () => number,
): (sentence: string) => void {
  let lastSaid = Number.NEGATIVE_INFINITY;
  let kept = 0;
  return (sentence) => {
    if (now() - lastSaid < everyMs) {
      kept += 1;
      return;
    }
    say(kept === 0 ? sentence : `${sentence} (${kept} more of the HTTP server since the last one.)`);
    lastSaid = now();
    kept = 0;
  };
}
