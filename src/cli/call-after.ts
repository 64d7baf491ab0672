/** A timer cannot be set for longer than 24 days, so a longer time takes more than one. */
const longestTimerMs = 86_400_000;

/** Calls back when no time is left, in ms; never if it is undefined. Returns a function that cancels this. */
export function callAfter(leftMs: () => number | undefined, callback: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    const left = leftMs();
    if (left === 0) callback();
    else if (left !== undefined) timer = setTimeout(look, Math.min(Math.ceil(left), longestTimerMs));
  };
  look();
  return () => clearTimeout(timer);
}
